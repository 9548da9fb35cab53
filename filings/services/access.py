"""Who may touch a filing now: the three axes, asked in one place so that a refusal names the one that refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from django.db.models import F

from accounts.models import PLACES, Membership, User
from accounts.roles import Role
from filings.calendar import Window, WindowState, timeliness, window
from filings.errors import Refused
from filings.models import Entry, Exemption, Extension, Filing, Move, Period, Substitute
from filings.rules import STEPS, VERB_LABELS, WRITABLE, may_decide
from filings.terms import Status, Timeliness
from harbor_plan.lib.moments import local


def latest_extension(period: Period, department_id: int) -> Extension | None:
    """The extension that holds for a department: the one recorded last."""
    return Extension.objects.filter(period=period, department=department_id).last()


def latest_extensions(
    periods: Iterable[Period], before: datetime | None = None
) -> dict[tuple[int, int], Extension]:
    """The extension that holds, now or just before a moment, by period and department id; only those that have one. One query."""
    recorded = Extension.objects.filter(period__in=list(periods)).order_by("recorded_at", "id")
    if before:
        recorded = recorded.filter(recorded_at__lt=before)
    return {(extension.period_id, extension.department_id): extension for extension in recorded}


def window_of(filing: Filing, at: datetime) -> Window:
    """The filing's window at a moment, by the extension and the exemption that are recorded by now."""
    filing.exemption = exemption_in_force(filing.period, filing.department_id)
    return window_given(filing, latest_extension(filing.period, filing.department_id), at)


def exemption_in_force(period: Period, department_id: int) -> Exemption | None:
    """The exemption (免报) of a department that has not been withdrawn."""
    return Exemption.objects.filter(period=period, department=department_id, withdrawn_at=None).first()


def window_given(filing: Filing, extension: Extension | None, at: datetime) -> Window:
    """The filing's window, with the extension that holds for it at hand. An exemption in force shuts it."""
    period = filing.period
    found = window(
        opens_at=period.opens_at,
        due_at=period.due_at,
        closes_at=min(period.closes_at, period.closed_at) if period.closed_at else period.closes_at,
        extended_until=extension.until if extension else None,
        extended_by=extension.approver if extension else "",
        extended_why=extension.reason if extension else "",
        at=at,
    )
    if (exemption := filing.exemption) is not None:
        return replace(
            found, state=WindowState.EXEMPT, exempt_by=exemption.approver, exempt_why=exemption.reason
        )
    return found


def timeliness_of(filing: Filing, extension: Extension | None, at: datetime) -> Timeliness:
    """On time, late, missing … from the first submission, or exempt. The period and its plan must be at hand."""
    if filing.exemption_id is not None:
        return Timeliness.EXEMPT
    return timeliness(
        last_day=filing.period.last_day,
        issued_on=filing.period.plan.issued_on,
        is_late_entry=filing.period.is_late_entry,
        first_submitted_at=filing.first_submitted_at,
        due_at=filing.period.due_at,
        extended_until=extension.until if extension else None,
        at=at,
    )


def extensions_of(period: Period, before: datetime | None = None) -> dict[int, Extension]:
    """The extension in force for each department that has one, now or just before a moment, by department id. One query."""
    extensions = Extension.objects.filter(period=period)
    if before:
        extensions = extensions.filter(recorded_at__lt=before)
    return {extension.department_id: extension for extension in extensions}


def need_window(filing: Filing, at: datetime) -> None:
    """Refuse outside the window, saying since when and what to do.

    The period is read anew: a verb that waited for the filing's row may have waited for the quarter to be closed.
    """
    filing.period.refresh_from_db(fields=["opens_at", "due_at", "closes_at", "closed_at"])
    now = window_of(filing, at)
    if not now.is_open:
        raise Refused("window", closed_sentence(filing.period, now))


def closed_sentence(period: Period, window: Window) -> str:
    """Why nothing can be written now: exempt, or not open before, or closed since, a moment; and what to do."""
    if window.state == WindowState.EXEMPT:
        return (
            f"{period}贵单位免报（{window.exempt_by}批准，理由：{window.exempt_why}），不需要填报。"
            f"确需填报的，请联系{period.plan.office}撤销免报。"
        )
    when = f"{local(window.until):%Y-%m-%d %H:%M}"
    if window.state == WindowState.NOT_OPEN:
        return f"{period}填报尚未开放，{when} 起可以填报。"
    return f"{period}填报已于 {when} 关闭。确需补报的，请联系{period.plan.office}登记延期。"


def need_role(filing: Filing, by: User, role: Role) -> None:
    """Refuse whoever does not hold the role for this filing's department."""
    if filing.department_id not in by.departments_as(role):
        raise Refused("permission", f"只有{filing.department}的{role.label}可以办理，您可以查看。")


def need_status(filing: Filing, verb: str) -> None:
    """Refuse a verb that the table of moves does not have from here."""
    step = STEPS[verb]
    if filing.status not in step.sources:
        raise wrong_status(filing, f"不能{step.label}")


def wrong_status(filing: Filing, refusal: str) -> Refused:
    """The refusal of a verb that came too late or too early: who did what meanwhile, and how the filing stands."""
    now = Status(filing.status).label
    return Refused("status", f"{last_step(filing)}{filing}目前为“{now}”，{refusal}。请刷新页面查看最新状态。")


def last_step(filing: Filing) -> str:
    """The beginning of a sentence: who took the filing its last step, and when; empty before the first step."""
    last = filing.moves.filter(entry=None, verb__in=STEPS).select_related("by").last()
    if last is None:
        return ""
    return f"{last.by or '系统'}已于 {local(last.at):%m-%d %H:%M} 办理“{VERB_LABELS[last.verb]}”，"


def need_writable(filing: Filing) -> None:
    """Refuse editing a filing that is with the approver or the office."""
    if filing.status not in WRITABLE:
        hint = {
            Status.AWAITING_SIGNOFF: "正在等待签发，需要修改请先撤回。",
            Status.SUBMITTED: f"已报{filing.period.plan.office}，退回后方可修改。",
            Status.ACCEPTED: f"已采纳，需要修改请联系{filing.period.plan.office}。",
        }[Status(filing.status)]
        raise Refused("status", f"{filing}{hint}")


def hands_in(filing: Filing) -> set[int]:
    """Everybody who wrote, submitted or signed this filing, now or in an earlier submission."""
    return hands_in_each([filing])[filing.pk]


def hands_in_each(filings: Iterable[Filing]) -> dict[int, set[int]]:
    """`hands_in` of many filings by id, in two queries."""
    people = {f.pk: {p for p in (f.filled_by_id, f.signed_by_id) if p is not None} for f in filings}
    wrote = Entry.objects.filter(filing__in=people).exclude(edited_by=None).order_by()
    moved = Move.objects.filter(filing__in=people, verb__in=["submit", "sign"]).exclude(by=None).order_by()
    pairs = chain(
        wrote.values_list("filing_id", "edited_by").distinct(),
        moved.values_list("filing_id", "by").distinct(),
    )
    for filing_id, person in pairs:
        people[filing_id].add(person)
    return people


def first_reviewers_each(filings: Iterable[Filing]) -> dict[int, set[int]]:
    """Who took the first of two levels of review, by filing id: nobody confirms what they passed themselves.

    Whoever passed an entry since the last submission, or passed the filing on. Empty before the second level begins.
    One query.
    """
    filings = list(filings)
    firsts: dict[int, set[int]] = {f.pk: {f.passed_on_by_id} - {None} for f in filings}  # type: ignore[misc]
    second = [f.pk for f in filings if f.passed_on_by_id is not None]
    passed = Move.objects.filter(filing__in=second, verb="pass_entry", at__gte=F("filing__submitted_at"))
    for filing_id, person in passed.exclude(by=None).order_by().values_list("filing_id", "by").distinct():
        firsts[filing_id].add(person)
    return firsts


def excluded_each(filings: Iterable[Filing]) -> dict[int, set[int]]:
    """Who may not decide each filing whatever their role: hands in it, and at the second level the first reviewers."""
    filings = list(filings)
    hands, firsts = hands_in_each(filings), first_reviewers_each(filings)
    return {f.pk: hands[f.pk] | firsts[f.pk] for f in filings}


def reviewers(filing: Filing) -> set[int]:
    """Active office reviewers who may decide this filing at its level: not of its department, no hand in it."""
    return reviewers_each([filing])[filing.pk]


def reviewers_each(
    filings: Iterable[Filing], excluded: Mapping[int, set[int]] | None = None
) -> dict[int, set[int]]:
    """`reviewers` of many filings by id, in one query; three more unless `excluded` says who may not (`excluded_each`)."""
    filings = list(filings)
    excluded = excluded_each(filings) if excluded is None else excluded
    own: dict[int, set[int | None]] = defaultdict(set)
    office = User.objects.filter(is_active=True, memberships__role=Role.OFFICE)
    for person, *units in Membership.objects.filter(user__in=office).values_list("user_id", *PLACES):
        own[person].update(units)
    return {
        f.pk: {
            p
            for p, departments in own.items()
            if f.department_id not in departments and p not in excluded[f.pk]
        }
        for f in filings
    }


def can_review(filing: Filing, person: User) -> bool:
    """Whether this person may decide that filing (design decision 3.4)."""
    is_office, is_leader = person.holds(Role.OFFICE), person.holds(Role.LEADER)
    is_substitute = Substitute.objects.filter(filing=filing, user=person).exists()
    if not (is_office or is_leader or is_substitute):
        return False
    return may_decide(
        own_departments=person.own_department_ids,
        department=filing.department_id,
        hands_in_it=excluded_each([filing])[filing.pk],
        person=person.pk,
        is_office=is_office,
        is_leader=is_leader,
        is_substitute=is_substitute,
        reviewers_left=len(reviewers(filing)),
    )


def need_reviewer(filing: Filing, by: User) -> None:
    """Refuse whoever may not decide this filing at its level."""
    if by.pk in first_reviewers_each([filing])[filing.pk]:
        raise Refused("permission", f"您已办理{filing}的初审，复审须由另一人办理。")
    if not can_review(filing, by):
        raise Refused(
            "permission",
            f"您不能审核{filing}：本单位的、本人填报或签发的报送须由他人审核；没有其他审核人时由领导或其指定的人审核。",
        )
