"""People, and what they are to which department."""

from __future__ import annotations

from typing import Any, ClassVar

from axes.models import AccessAttempt
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import cached_property

from accounts.roles import DEPARTMENT_ROLES, READS_ALL, READS_PLAN, Role
from departments.models import Department

#: Columns of a membership: its department, and one that this department follows (原单位); a row for each of these.
PLACES = ("department_id", "department__earlier_rows__earlier_id")


class People(UserManager["User"]):
    """Accounts; those of everybody but the first administrator are made in the administration."""

    use_in_migrations = False

    @transaction.atomic
    def create_superuser(self, *args: Any, **fields: Any) -> User:
        """The first administrator, by `manage.py createsuperuser`: a system administrator like those to come."""
        user: User = super().create_superuser(*args, **fields)
        Membership.objects.create(user=user, role=Role.SYSADMIN)
        return user


class User(AbstractUser):
    """A person with an account. Chinese names are one field; phone numbers are optional and masked when shown."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("电话", max_length=30, blank=True)

    REQUIRED_FIELDS = ["name"]

    objects: ClassVar[People] = People()

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def _places(self) -> list[tuple[str, str | None, int | None, int | None]]:
        """Role, name of the department, its id, and that of one it follows; a row for each of these. One query."""
        return list(self.memberships.values_list("role", "department__name", *PLACES))

    @cached_property
    def _held(self) -> set[tuple[str, int | None]]:
        """Roles with the ids of their departments and of those that these departments follow."""
        own = {(role, unit) for role, _, unit, _ in self._places}
        return own | {(role, earlier) for role, _, _, earlier in self._places if earlier is not None}

    @property
    def department_names(self) -> list[str]:
        """The departments the person belongs to, each once."""
        return list(dict.fromkeys(name for _, name, _, _ in self._places if name))

    def holds(self, role: Role) -> bool:
        """Whether the person holds this role anywhere."""
        return any(held == role for held, _ in self._held)

    def departments_as(self, *roles: Role) -> set[int]:
        """Ids of the departments for which the person holds any of these roles.

        What a department did before a reorganisation (原单位) is its successor's: their people see it and answer for
        what is open there. What was accepted or closed stays as it is, as it does for everybody.
        """
        return {unit for role, unit in self._held if role in roles and unit is not None}

    @property
    def own_department_ids(self) -> set[int]:
        """Departments the person belongs to in any role: none of their filings may be reviewed by this person."""
        return {unit for _, unit in self._held if unit is not None}

    @property
    def reads_all(self) -> bool:
        """Office and leaders read every department."""
        return any(role in READS_ALL for role, _ in self._held)

    @property
    def reads_plan(self) -> bool:
        """Anyone with a part in the plan; a pure system administrator has none."""
        return any(role in READS_PLAN for role, _ in self._held)


class Membership(models.Model):
    """One role of one person. A person may belong to several departments."""

    user = models.ForeignKey(User, verbose_name="账号", on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(
        Department,
        verbose_name="单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="membership_once",
                violation_error_message="同一单位的同一角色只能写一次。",
                fields=["user", "department", "role"],
            ),
            models.UniqueConstraint(
                name="district_role_once",
                violation_error_message="同一角色只能写一次。",
                fields=["user", "role"],
                condition=Q(department__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_department_fits_role",
                violation_error_message="填报人、签发人、办公室审核须选择单位；领导、系统管理员不选单位。",
                condition=Q(role__in=sorted(DEPARTMENT_ROLES), department__isnull=False)
                | Q(role__in=sorted(set(Role) - DEPARTMENT_ROLES), department__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        where = f"{self.department} " if self.department else ""
        return f"{self.user} {where}{self.get_role_display()}"


class FailedSignIn(AccessAttempt):
    """Failures of one name from one address since the last success: at the limit they lock it there.

    The lock's own table under a name of ours; deleting a row unlocks.
    """

    class Meta:
        proxy = True
        verbose_name = "登录失败与锁定"
        verbose_name_plural = "登录失败与锁定"

    def __str__(self) -> str:
        return f"{self.username} {self.ip_address}"
