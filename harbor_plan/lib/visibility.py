"""Row visibility that holds for every table of the plan: whoever has a part in the plan reads all of it."""

from typing import Any, Protocol, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class Reader(Protocol):
    """The questions a queryset asks of whoever looks."""

    @property
    def reads_plan(self) -> bool: ...

    @property
    def reads_all(self) -> bool: ...


class PlanDataQuerySet(models.QuerySet[M]):
    """Plan data is open to everyone with a part in the plan, and to nobody else."""

    def visible_to(self, user: Any) -> Self:
        """Rows this user may know of; a system administrator or a stranger gets none."""
        return self if getattr(user, "reads_plan", False) else self.none()
