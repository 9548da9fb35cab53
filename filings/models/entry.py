"""One row of a filing. It exists from the day its period opens: the entry is the obligation.

So a silent department is counted, "n of m" is one query, and a later change of the responsibility table does
not rewrite what was owed then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from actions.models import SpecialAction
from filings.models.filing import Filing
from filings.terms import Decision, EntryKind, MilestoneState, Pace, ReturnCode, ValueState
from targets.models import Indicator
from targets.terms import Standing
from tasks.models import Milestone, Responsibility

if TYPE_CHECKING:
    from filings.models.evidence import Attachment
    from filings.models.items import ItemProgress
    from filings.services.crosschecks import Crossing
    from tasks.progress import PlannedItem

#: Which subject each kind of entry has; exactly this one column is filled.
SUBJECTS = {
    EntryKind.PROGRESS: "responsibility",
    EntryKind.CONTRIBUTION: "responsibility",
    EntryKind.SUMMARY: "action",
    EntryKind.MILESTONE: "milestone",
    EntryKind.READING: "indicator",
}

#: What people write, by kind: the columns a version copies and a form offers.
FIELDS: dict[str, tuple[str, ...]] = {
    EntryKind.PROGRESS: (
        "percent", "percent_reason", "self_light", "pace", "text", "nothing_reason", "problems", "cause",
        "coordination", "next_steps", "next_on", "explanation",
    ),
    EntryKind.CONTRIBUTION: ("text", "nothing_reason", "problems", "explanation"),
    EntryKind.SUMMARY: ("text", "nothing_reason", "problems", "next_steps", "explanation"),
    EntryKind.MILESTONE: ("milestone_state", "done_on", "text", "explanation"),
    EntryKind.READING: ("value_state", "value", "numerator", "denominator", "text", "explanation"),
}  # fmt: skip

#: Columns of running text, which may be copied from last quarter and are compared word by word.
WORDS = ("text", "problems", "cause", "coordination", "next_steps")

#: What to prefetch before the files of many entries are asked for.
FILES = ("attachments__evidence", "attachments__by")


def _subject_fits_kind() -> Q:
    """Exactly the subject its kind asks for, and no other."""
    columns = sorted(set(SUBJECTS.values()))
    fits = Q()
    for kind, wanted in SUBJECTS.items():
        fits |= Q(kind=kind, **{f"{column}__isnull": column != wanted for column in columns})
    return fits


def filled(prefix: str = "") -> Q:
    """Complete entries, without those that were returned or sent back and that nobody has mended since.

    `prefix` leads to the entries, as "entries__" does from a filing.
    """
    is_returned = Q(**{f"{prefix}decision__in": (Decision.RETURNED, Decision.SENT_BACK)})
    is_mended = Q(**{f"{prefix}edited_at__gte": F(f"{prefix}decided_at")})
    return Q(**{f"{prefix}is_complete": True}) & (~is_returned | is_mended)


class EntryQuerySet(models.QuerySet["Entry"]):
    """Named questions about entries."""

    def visible_to(self, user: Any) -> Self:
        """Entries of the filings this user may see."""
        return self.filter(filing__in=Filing.objects.visible_to(user).values("id"))

    def accepted(self) -> Self:
        """Entries that count."""
        return self.filter(decision=Decision.ACCEPTED)

    def for_page(self) -> Self:
        """With everything a page says about an entry's subject, and its item percents, in the order of the plan."""
        return (
            self.prefetch_related("item_progress")
            .select_related(
                "filing__department",
                "filing__period__plan",
                "responsibility__task__action",
                "responsibility__department",
                "action",
                "milestone__task__action",
                "indicator",
            )
            .order_by("position", "id")
        )


class Entry(models.Model):
    """One obligation of one filing, with what was written and what was decided.

    `percent` is of the year's work, 0 to 100. `unparsed` keeps typed text that is no valid value, so that a draft
    loses nothing; a filing with such text cannot be submitted. `version` counts saves and guards against two tabs.
    """

    filing = models.ForeignKey(Filing, verbose_name="报送", on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField("种类", max_length=12, choices=EntryKind.choices)
    position = models.PositiveIntegerField("次序", default=0)
    responsibility = models.ForeignKey(
        Responsibility, verbose_name="责任", null=True, on_delete=models.PROTECT, related_name="entries"
    )
    action = models.ForeignKey(
        SpecialAction, verbose_name="专项行动", null=True, on_delete=models.PROTECT, related_name="entries"
    )
    milestone = models.ForeignKey(
        Milestone, verbose_name="节点", null=True, on_delete=models.PROTECT, related_name="entries"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", null=True, on_delete=models.PROTECT, related_name="entries"
    )

    percent = models.DecimalField("本年完成比例", max_digits=5, decimal_places=2, null=True)
    percent_reason = models.CharField("比例说明", max_length=300, blank=True)
    self_light = models.CharField("自评亮灯", max_length=10, choices=Standing.choices, blank=True)
    pace = models.CharField("进展状态", max_length=14, choices=Pace.choices, blank=True)
    text = models.TextField("情况", blank=True)
    problems = models.TextField("存在问题", blank=True)
    cause = models.TextField("原因", blank=True)
    coordination = models.TextField("需协调事项", blank=True)
    next_steps = models.TextField("下一步计划", blank=True)
    next_on = models.DateField("下一步时限", null=True)
    milestone_state = models.CharField("节点状态", max_length=10, choices=MilestoneState.choices, blank=True)
    done_on = models.DateField("完成日期", null=True)
    value_state = models.CharField("数据状态", max_length=8, choices=ValueState.choices, blank=True)
    value = models.DecimalField("数值", max_digits=18, decimal_places=4, null=True)
    numerator = models.DecimalField("分子", max_digits=18, decimal_places=4, null=True)
    denominator = models.DecimalField("分母", max_digits=18, decimal_places=4, null=True)
    explanation = models.TextField("提醒说明", blank=True)
    nothing_reason = models.CharField("本季无工作的理由", max_length=300, blank=True)
    copied = models.JSONField("沿用上季的栏目", default=list)
    unparsed = models.JSONField("未能识别的输入", default=dict)

    is_complete = models.BooleanField("已填齐", default=False)
    version = models.PositiveIntegerField("保存次数", default=0)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField("修改时间", null=True)
    decision = models.CharField(
        "审核结论", max_length=10, choices=Decision.choices, default=Decision.OPEN, blank=True
    )
    return_code = models.CharField("退回原因", max_length=4, choices=ReturnCode.choices, blank=True)
    return_note = models.TextField("退回意见", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="审核人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("审核时间", null=True)

    objects = EntryQuerySet.as_manager()

    #: The work items asked with a progress entry, once `filings.services.items.attach` has looked.
    asked_items: tuple[PlannedItem, ...] | None = None
    #: What a reading is cross-checked with, once `filings.services.crosschecks.attach` has looked.
    crossing: Crossing | None = None

    class Meta:
        verbose_name = "填报项"
        verbose_name_plural = "填报项"
        ordering = ["filing_id", "position", "id"]
        indexes = [models.Index(fields=["filing", "decision"])]
        constraints = [
            *(
                models.UniqueConstraint(name=f"entry_{column}_once", fields=["filing", column])
                for column in sorted(set(SUBJECTS.values()))
            ),
            models.CheckConstraint(name="entry_subject_fits_kind", condition=_subject_fits_kind()),
            models.CheckConstraint(
                name="entry_percent_0_to_100", condition=Q(percent=None) | Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="entry_value_only_when_there_is_one",
                condition=Q(value=None) | Q(value_state=ValueState.VALUE),
            ),
            models.CheckConstraint(
                name="entry_return_has_code",
                condition=~Q(decision__in=[Decision.RETURNED, Decision.SENT_BACK]) | ~Q(return_code=""),
            ),
            models.CheckConstraint(
                name="entry_accepted_is_complete",
                condition=~Q(decision__in=[Decision.PASSED, Decision.ACCEPTED])
                | Q(is_complete=True, decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing} {self.title}"

    @property
    def subject(self) -> Responsibility | SpecialAction | Milestone | Indicator:
        """What the entry is about."""
        subject: Responsibility | SpecialAction | Milestone | Indicator = getattr(
            self, SUBJECTS[EntryKind(self.kind)]
        )
        return subject

    @property
    def number(self) -> str:
        """The number people know it by: 4.3 for a task or a milestone of it, 4 for an action, none for an indicator."""
        if self.responsibility:
            return self.responsibility.task.number
        if self.milestone:
            return self.milestone.task.number
        return str(self.action.no) if self.action else ""

    @property
    def title(self) -> str:
        """The subject's name as the plan has it."""
        if self.responsibility:
            return self.responsibility.task.title
        return str(self.milestone or self.action or self.indicator)

    @property
    def clause(self) -> str:
        """The clause of the plan it answers to."""
        if self.responsibility:
            return self.responsibility.task.clause
        if self.indicator:
            return "；".join(self.indicator.clauses)
        subject = self.milestone or self.action
        return subject.clause if subject else ""

    @property
    def files(self) -> list[Attachment]:
        """What is attached now, in order. Whoever asks many entries prefetches FILES first."""
        if self._state.adding:
            return []
        return [attachment for attachment in self.attachments.all() if attachment.removed_at is None]

    @property
    def sent_files(self) -> list[Attachment]:
        """What was attached when the filing was sent last: what readers of other departments see."""
        sent = self.filing.submitted_at
        if sent is None:
            return []
        return [
            attachment
            for attachment in self.attachments.all()
            if attachment.at <= sent and (attachment.removed_at is None or attachment.removed_at > sent)
        ]

    @cached_property
    def item_rows(self) -> list[ItemProgress]:
        """What was filed of each work item; whoever writes sets it anew."""
        if self._state.adding or self.kind != EntryKind.PROGRESS:
            return []
        return list(self.item_progress.all())

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns people write for this kind of entry."""
        return FIELDS[self.kind]
