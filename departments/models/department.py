"""Who exists: every responsible unit as the plan names it."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from harbor_plan.lib.visibility import PlanDataQuerySet


class Kind(models.TextChoices):
    """What sort of unit it is; decides who is assessed and ranked, never who files."""

    TOWN = "town", "镇"
    BUREAU = "bureau", "港区部门"
    BRANCH = "branch", "派驻分局"
    RESIDENT = "resident", "驻区单位"
    ENTERPRISE = "enterprise", "企业"
    COORDINATING = "coordinating", "议事协调办公室"
    JUDICIAL = "judicial", "司法机关"
    GROUP = "group", "群体项"


#: The district's own: those that can be ranked among each other. The rest file and are supervised, and stand apart.
RANKED_KINDS = frozenset({Kind.TOWN, Kind.BUREAU, Kind.BRANCH})


class DepartmentQuerySet(PlanDataQuerySet["Department"]):
    """Named questions about units."""

    def owing(self) -> DepartmentQuerySet:
        """Units that file for themselves: not the doubtful ones, not groups filed through a convenor."""
        return self.filter(owes=True, convenor=None)

    def valid_on(self, day: date) -> DepartmentQuerySet:
        """Units that exist on that day; an open end means from the beginning or until further notice."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
        )


class Department(models.Model):
    """One unit under one name, as the document names it. Doubts are flagged, never silently repaired.

    A reorganisation never renames a row: it ends it before `valid_to` and begins a successor, so that whatever was
    bound to the unit keeps the name of its time. Both days are written by reorganisations only.
    """

    name = models.CharField("名称", max_length=60, unique=True)
    kind = models.CharField("性质", max_length=20, choices=Kind.choices)
    order = models.PositiveIntegerField("排序", default=0)
    flag = models.CharField("存疑理由", max_length=300, blank=True)
    owes = models.BooleanField(
        "承担报送", default=True, help_text="名称存疑的单位在牵头办公室确认前不承担报送"
    )
    convenor = models.ForeignKey(
        "self",
        verbose_name="召集单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="convenes",
    )
    convenor_is_proposed = models.BooleanField("召集单位待确认", default=False)
    valid_from = models.DateField("设立日期", null=True, blank=True, editable=False)
    valid_to = models.DateField("撤销日期", null=True, blank=True, editable=False)
    note = models.CharField("校注", max_length=500, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = "责任单位"
        verbose_name_plural = "责任单位"
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                name="department_not_own_convenor",
                violation_error_message="召集单位不能是本单位，请改为另一单位或留空。",
                condition=~Q(convenor=F("id")),
            ),
            models.CheckConstraint(
                name="department_kind_known",
                violation_error_message="性质不在可选范围内。",
                condition=Q(kind__in=Kind.values),
            ),
            models.CheckConstraint(
                name="department_dates_in_order",
                violation_error_message="撤销日期应晚于设立日期。",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A convenor files itself: it owes, and nobody convenes it. That holds from both sides."""
        convenor = self.convenor
        if convenor and convenor.pk == self.pk:
            return  # the constraint says so
        if convenor and (convenor.convenor_id or not convenor.owes):
            raise ValidationError({"convenor": f"“{convenor}”自己不报送，不能召集；请改为自己报送的单位"})
        convened = [] if self.pk is None else list(self.convenes.all())
        if convened and (convenor or not self.owes):
            names = "、".join(str(other) for other in convened)
            field = "convenor" if convenor else "owes"
            raise ValidationError({field: f"本单位召集{names}，须自己报送；请先给{names}另定召集单位"})

    def exists_on(self, day: date) -> bool:
        """Whether it is there on that day; as the queryset's `valid_on`."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or self.valid_to > day)

    @property
    def filer(self) -> Department | None:
        """The unit whose filing carries this one's entries: itself, its convenor, or nobody yet."""
        if not self.owes:
            return None
        return self.convenor or self
