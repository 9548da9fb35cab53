"""Reorganisations (机构变动): which units follow which, from when, and what passed from hand to hand.

An operation is prepared, previewed and applied once; see `reports.reorganisation`. What it did is kept as handovers.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from departments.models.department import Department, Kind
from harbor_plan.lib.visibility import PlanDataQuerySet


class SuccessionKind(models.TextChoices):
    """What happens to the units."""

    RENAME = "rename", "更名"
    MERGE = "merge", "合并"
    SPLIT = "split", "分设"
    TRANSFER = "transfer", "划转上级"
    ABOLITION = "abolition", "撤销"


class Certainty(models.TextChoices):
    """How sure the source is."""

    HIGH = "high", "高"
    MEDIUM = "medium", "中"


class SuccessionQuerySet(PlanDataQuerySet["Succession"]):
    """Named questions about reorganisations."""

    def applied(self) -> SuccessionQuerySet:
        return self.exclude(applied_at=None)

    def touching(self, departments: list[Department]) -> SuccessionQuerySet:
        """Operations that have one of these units on either side."""
        return self.filter(
            pk__in=SuccessionUnit.objects.filter(department__in=departments).values("succession")
        )


class Succession(models.Model):
    """One reorganisation, taking effect at the start of a day.

    `choices` says for a split or an abolition who takes what, by the key of the duty ("responsibility:12") and the
    name of the successor. `code` knows an operation that came from a file; those entered by hand have none.
    """

    code = models.SlugField("代码", max_length=60, blank=True)
    kind = models.CharField("类型", max_length=10, choices=SuccessionKind.choices)
    effective_on = models.DateField("生效日期", help_text="自当日零时起")
    document = models.CharField("依据文件", max_length=200, blank=True)
    reason = models.CharField("说明", max_length=300)
    source = models.CharField("来源", max_length=300, blank=True)
    certainty = models.CharField("把握", max_length=10, choices=Certainty.choices, blank=True)
    choices = models.JSONField("承接安排", default=dict, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField("登记时间")
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("办理时间", null=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = "机构变动"
        verbose_name_plural = "机构变动"
        ordering = ["effective_on", "id"]
        constraints = [
            models.UniqueConstraint(name="succession_code_once", fields=["code"], condition=~Q(code="")),
            models.CheckConstraint(name="succession_kind_known", condition=Q(kind__in=SuccessionKind.values)),
            models.CheckConstraint(name="succession_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="succession_applied_by_and_at",
                condition=Q(applied_by=None, applied_at=None)
                | Q(applied_by__isnull=False, applied_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        before = "、".join(unit.name for unit in self.before)
        after = "、".join(unit.name for unit in self.after)
        into = {
            SuccessionKind.MERGE: "合并为",
            SuccessionKind.TRANSFER: "划转至",
            SuccessionKind.ABOLITION: "撤销，转由",
        }
        verb = into.get(SuccessionKind(self.kind), f"{self.get_kind_display()}为")
        if self.kind == SuccessionKind.MERGE and not any(unit.is_new for unit in self.after):
            verb = "并入"
        return f"{before}{verb}{after}" if after else f"{before}{self.get_kind_display()}"

    def _on(self, side: str) -> list[SuccessionUnit]:
        return [unit for unit in self.units.all() if unit.side == side]

    @property
    def before(self) -> list[SuccessionUnit]:
        """The units that end, in order. Whoever asks many operations prefetches `units__department`."""
        return self._on(Side.BEFORE)

    @property
    def after(self) -> list[SuccessionUnit]:
        """The units that follow, in order."""
        return self._on(Side.AFTER)

    @property
    def is_divided(self) -> bool:
        """Whether the office says row by row who takes it."""
        return self.kind == SuccessionKind.ABOLITION or len(self.after) > 1

    @property
    def is_applied(self) -> bool:
        return self.applied_at is not None


class Side(models.TextChoices):
    """Which side of a reorganisation a unit stands on."""

    BEFORE = "before", "原单位"
    AFTER = "after", "承接单位"


class SuccessionUnit(models.Model):
    """One unit of a reorganisation. A successor that is set up by it (新设) has no department before it is applied."""

    succession = models.ForeignKey(
        Succession, verbose_name="机构变动", on_delete=models.CASCADE, related_name="units"
    )
    side = models.CharField("角色", max_length=6, choices=Side.choices)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    name = models.CharField("名称", max_length=60)
    is_new = models.BooleanField("新设", default=False)
    kind = models.CharField("性质", max_length=20, choices=Kind.choices, blank=True)
    department = models.ForeignKey(
        Department,
        verbose_name="单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="succession_units",
    )

    class Meta:
        verbose_name = "机构变动的单位"
        verbose_name_plural = "机构变动的单位"
        ordering = ["succession_id", "-side", "order", "id"]
        constraints = [
            models.UniqueConstraint(name="succession_unit_once", fields=["succession", "name"]),
            models.CheckConstraint(name="succession_unit_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="succession_unit_new_or_known",
                condition=Q(is_new=True, side=Side.AFTER, kind__in=Kind.values)
                | Q(is_new=False, department__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Duty(models.TextChoices):
    """What passes from one unit to another."""

    RESPONSIBILITY = "responsibility", "责任分解"
    ACTION_LEAD = "action_lead", "行动牵头"
    READING = "reading", "指标数据"
    OFFICE = "office", "方案牵头办公室"
    CONVENOR = "convenor", "召集单位"
    WORK_ITEM = "work_item", "年度工作项"
    FILING = "filing", "季度报送"
    MEMBERSHIP = "membership", "人员任职"


class Handover(models.Model):
    """One thing that a reorganisation moved. `after` is empty where it ended.

    `since` is the day from which it holds. `had_already`: the successor stood there before, so one row is left.
    `place` is where the predecessor stood among several, counted from 1.
    """

    succession = models.ForeignKey(
        Succession, verbose_name="机构变动", on_delete=models.PROTECT, related_name="handovers"
    )
    what = models.CharField("事项", max_length=16, choices=Duty.choices)
    subject_pk = models.BigIntegerField("对象编号")
    label = models.CharField("对象", max_length=300)
    before = models.ForeignKey(
        Department, verbose_name="原单位", on_delete=models.PROTECT, related_name="handed_over"
    )
    after = models.ForeignKey(
        Department, verbose_name="承接单位", null=True, on_delete=models.PROTECT, related_name="taken_over"
    )
    since = models.DateField("起始日期")
    had_already = models.BooleanField("承接单位原已承担", default=False)
    place = models.PositiveSmallIntegerField("顺序", default=0)
    detail = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "承接事项"
        verbose_name_plural = "承接事项"
        ordering = ["id"]
        indexes = [models.Index(fields=["what", "since"])]
        constraints = [
            models.CheckConstraint(
                name="handover_to_another",
                condition=Q(after=None) | ~Q(after=F("before")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.before}→{self.after or '不再承担'}"


class Lineage(models.Model):
    """An earlier unit and one that follows it, over any number of reorganisations. Written when one is applied.

    `is_other_name`: the later unit is the earlier one under another name (更名、划转), not one that took it in.
    """

    earlier = models.ForeignKey(
        Department, verbose_name="原单位", on_delete=models.PROTECT, related_name="later_rows"
    )
    later = models.ForeignKey(
        Department, verbose_name="承接单位", on_delete=models.PROTECT, related_name="earlier_rows"
    )
    since = models.DateField("起始日期")
    is_other_name = models.BooleanField("更名或划转", default=False)

    class Meta:
        verbose_name = "单位沿革"
        verbose_name_plural = "单位沿革"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="lineage_once", fields=["earlier", "later"]),
            models.CheckConstraint(name="lineage_of_two", condition=~Q(earlier=F("later"))),
        ]

    def __str__(self) -> str:
        return f"{self.earlier}→{self.later}"


def details_of(succession: Succession) -> dict[str, Any]:
    """An operation as the record of events keeps it."""
    return {
        "类型": succession.get_kind_display(),
        "原单位": [unit.name for unit in succession.before],
        "承接单位": [unit.name for unit in succession.after],
        "生效日期": f"{succession.effective_on:%Y-%m-%d}",
    }
