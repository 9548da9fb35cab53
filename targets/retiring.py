"""Rows of the plan that were used and are used no more, and codes that are taken for good.

What has been filed is never deleted: from a day on it is no longer asked, and everything before that day stays as it
was. What was never filed may go, but nothing else ever gets its code: the database itself keeps the codes of deleted
rows and refuses them (triggers in the migrations of `tasks`).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from harbor_plan.lib.visibility import PlanDataQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)


class RetiringQuerySet(PlanDataQuerySet[M]):
    """Plan data with the named question which rows are in use."""

    def in_use(self, on: date) -> Self:
        """Rows that are not retired by that day. A quarter asks what is in use on its last day."""
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))


class Retirable(models.Model):
    """A row that can be retired: asked until the day before `retired_on`, kept for ever."""

    retired_on = models.DateField(
        "停用日期",
        null=True,
        blank=True,
        editable=False,
        help_text="自这一天起不再填报；以前的填报、数字和页面保留",
    )

    class Meta:
        abstract = True


class TakenCode(models.Model):
    """The code of a row that was deleted, written by the database. `table` is that of the plan's files."""

    plan = models.ForeignKey(
        "targets.Plan", verbose_name="方案", on_delete=models.CASCADE, related_name="taken_codes"
    )
    table = models.CharField("表", max_length=20)
    code = models.CharField("编号", max_length=40)

    class Meta:
        verbose_name = "不再使用的编号"
        verbose_name_plural = "不再使用的编号"
        constraints = [models.UniqueConstraint(name="taken_code_once", fields=["plan", "table", "code"])]

    def __str__(self) -> str:
        return self.code


def is_used(row: models.Model, besides: tuple[type[models.Model], ...] = ()) -> bool:
    """Whether any other record that would keep the row from being deleted refers to it: what was filed, planned or judged.

    `besides` are kinds that belong to the row and go with it.
    """
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: row}).exists()
        for relation in _keeping(type(row))
        if relation.related_model not in besides
    )


def _keeping(model: type[models.Model]) -> list[Any]:
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and getattr(field, "on_delete", None) is models.PROTECT
    ]
