"""Demonstration accounts: one shared password, for demonstration only."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, User
from accounts.roles import DEPARTMENT_ROLES, Role
from departments.models import Department
from filings.rules import may_decide
from harbor_plan.demo import chance
from harbor_plan.demo.tables import DemoDataError, Row, Tables

#: Roles that enter the administration.
STAFF = frozenset({Role.OFFICE, Role.SYSADMIN})


@dataclass(frozen=True)
class Cast:
    """Who plays which part. `own` holds the ids of the departments each person belongs to, by person id."""

    filers: Mapping[int, User]
    approvers: Mapping[int, User]
    office: tuple[User, ...]
    leader: User
    own: Mapping[int, frozenset[int]]

    def reviewer(self, department: int, *key: object) -> User:
        """An office reviewer who may decide this department's filing, else the leader (design decision 3.4)."""
        hands = [self.filers[department].pk, self.approvers[department].pk]
        able = [
            person
            for person in self.office
            if may_decide(
                own_departments=self.own[person.pk],
                department=department,
                hands_in_it=hands,
                person=person.pk,
                is_office=True,
                is_leader=False,
                is_substitute=False,
                reviewers_left=1,
            )
        ]
        return chance.pick(able, "reviewer", *key) if able else self.leader


def create_people(tables: Tables, departments: Mapping[str, Department], *, joined_at: datetime) -> Cast:
    """Write the accounts and what each is to which department.

    All carry one hash of the one shared password: a hash of its own for each would take half a second each and
    protect nothing, as the password is printed by the command. Signing in works as for any other account.
    """
    rows = tables.people
    password = make_password(tables.settings.password, salt=_salt(tables.settings.password))
    users: dict[str, User] = {}
    for row in rows:
        user = users.setdefault(
            row.text("account"),
            User(
                username=row.text("account"), name=row.text("name"), password=password, date_joined=joined_at
            ),
        )
        if user.name != row.text("name"):
            raise row.error("name", f"同一账号前面写的是{user.name}。")
        user.is_staff = user.is_staff or role_of(row) in STAFF
    taken = User.objects.filter(username__in=users).values_list("username", flat=True)
    if taken:
        raise DemoDataError(f"账号 {'、'.join(taken)} 已存在，演示数据不覆盖已有账号。")
    User.objects.bulk_create(users.values())
    memberships = [
        Membership(
            user=users[row.text("account")], department=_department(row, departments), role=role_of(row)
        )
        for row in rows
    ]
    Membership.objects.bulk_create(memberships)
    return _cast(memberships)


def role_of(row: Row) -> Role:
    """The role a line of people.csv gives."""
    return row.one_of("role", {role.value: role for role in Role})


def _salt(password: str) -> str:
    """The same salt on every load, so that the same bytes are written."""
    return hashlib.sha256(password.encode()).hexdigest()[:24]


def _department(row: Row, departments: Mapping[str, Department]) -> Department | None:
    if role_of(row) not in DEPARTMENT_ROLES:
        return None
    return row.one_of("department", departments)


def _cast(memberships: list[Membership]) -> Cast:
    """The first filer and approver named for a department act for it."""
    filers: dict[int, User] = {}
    approvers: dict[int, User] = {}
    own: dict[int, set[int]] = defaultdict(set)
    for held in memberships:
        if held.department_id is not None:
            own[held.user.pk].add(held.department_id)
            acting = {Role.FILER: filers, Role.APPROVER: approvers}.get(Role(held.role))
            if acting is not None:
                acting.setdefault(held.department_id, held.user)
    leaders = [held.user for held in memberships if held.role == Role.LEADER]
    if not leaders:
        raise DemoDataError("people.csv 中没有领导账号。")
    return Cast(
        filers=filers,
        approvers=approvers,
        office=tuple(dict.fromkeys(held.user for held in memberships if held.role == Role.OFFICE)),
        leader=leaders[0],
        own={person: frozenset(ids) for person, ids in own.items()},
    )
