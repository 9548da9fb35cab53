"""What the demonstration brings: complete, believable, and in step with the rules people are held to."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count, F, Q

from accounts.models import Membership, User
from accounts.roles import Role
from assessment.models import Adjustment, Result, Scheme
from audit.models import Event
from departments.models import Department
from filings.models import Entry, Extension, Filing, Move, Period
from filings.rules import STEPS
from filings.services.crosschecks import problems_on
from filings.services.entries import content, previous_entries, problems_of
from filings.terms import Decision, EntryKind, MilestoneState, Status, Timeliness, ValueState
from harbor_plan.demo.load import Loaded
from harbor_plan.demo.tables import Tables
from harbor_plan.lib.moments import end_of, local, local_day, start_of
from reports.models import Publication, Subject, Summary
from reports.services import repair
from supervision.models import Notice, NoticeKind, SupervisionOrder
from targets.models import Indicator, Plan, PlanValue
from targets.terms import Standing
from tasks.plan_files import PlanDocument
from tasks.plan_store import export_plan
from tests.demo.conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo"), pytest.mark.xdist_group("demo")]


def period(year: int, quarter: int) -> Period:
    return Period.objects.get(year=year, quarter=quarter)


def filing(name: str, year: int, quarter: int) -> Filing:
    return Filing.objects.get(department__name=name, period=period(year, quarter))


def value_of(code: str, year: int, quarter: int) -> Decimal | None:
    return Entry.objects.accepted().get(indicator__code=code, filing__period=period(year, quarter)).value


def steps_of(filing: Filing) -> list[tuple[str, str]]:
    """The filing's own steps, as verb and day."""
    return [(move.verb, f"{local(move.at):%m-%d}") for move in filing.moves.filter(entry=None)]


# Complete


def test_it_counts_what_it_wrote(demo: Loaded) -> None:
    assert (demo.periods, demo.filings) == (16, 16 * 31)
    assert demo.entries == Entry.objects.count()
    event = Event.objects.get(verb="demo.load")
    assert (event.at, event.actor_name) == (AT, "系统")
    assert event.after == {"periods": 16, "filings": 496, "entries": demo.entries}


def test_every_quarter_owes_225_entries_beside_readings_and_milestones() -> None:
    owed = Entry.objects.exclude(kind__in=[EntryKind.READING, EntryKind.MILESTONE])
    counts = owed.values_list("filing__period").annotate(n=Count("pk")).values_list("n", flat=True)
    assert list(counts) == [225] * 16


def test_every_unit_that_owes_has_a_filing_in_every_quarter() -> None:
    owing = set(Department.objects.owing().values_list("pk", flat=True))
    assert len(owing) == 31
    for one in Period.objects.all():
        assert set(one.filings.values_list("department", flat=True)) == owing


def test_the_plan_itself_is_as_it_was_but_for_the_mark_and_the_plan_values(document: PlanDocument) -> None:
    plan = Plan.objects.get()
    assert plan.has_demo_data is True
    exported = export_plan(plan)
    assert exported.indicators == document.indicators
    assert exported.targets == document.targets
    assert exported.milestones == document.milestones
    assert exported.responsibilities == document.responsibilities
    assert set(PlanValue.objects.values_list("source", flat=True)) == {"演示数据"}
    assert Indicator.objects.exclude(baseline=None).count() == 0


# In step with the rules


def test_filings_only_take_steps_of_the_table_and_in_time() -> None:
    for one in Filing.objects.prefetch_related("moves"):
        status: str = ""
        last = None
        for move in one.moves.all():
            assert last is None or move.at >= last, one
            last = move.at
            if move.entry_id is None and move.verb in STEPS:
                step = STEPS[move.verb]
                assert move.from_status == status, one
                assert status in step.sources, one
                status = step.to
                assert move.to_status == status
            elif move.verb == "open":
                status = Status.DRAFT
        assert one.status == status, one


def test_nothing_is_sent_outside_its_window_or_after_the_quarter_was_closed() -> None:
    for move in Move.objects.filter(verb__in=["submit", "sign"]).select_related("filing__period"):
        assert move.filing.period.opens_at < move.at <= move.filing.period.closes_at, move.filing
    late = Q(at__gt=F("filing__period__closed_at"))
    assert set(Move.objects.filter(late).values_list("verb", flat=True)) == {"correct"}


def test_every_submitted_entry_passes_the_checks() -> None:
    sent = Filing.objects.exclude(first_submitted_at=None).select_related("period")
    crossed = []  # by rules that were set after it was sent
    for quarter in Period.objects.all():
        entries = list(
            Entry.objects.filter(filing__in=sent.filter(period=quarter))
            .select_related("filing__period")
            .for_page()
        )
        problems = problems_of(entries, previous_entries(entries, quarter))
        excused = {entry.pk for entry in entries if entry.decision == Decision.RETURNED}
        excused |= {entry.pk for entry in entries if problems_on(entry)}
        crossed += [entry.title for entry in entries if problems_on(entry)]
        assert {pk for pk, found in problems.items() if found and pk not in excused} == set()
        assert all(entry.is_complete for entry in entries)
    assert crossed == ["生态文化建设"]


def test_every_signing_kept_what_it_sent() -> None:
    for entry in Entry.objects.filter(decision=Decision.ACCEPTED).prefetch_related("versions").for_page():
        versions = list(entry.versions.all())
        assert [version.no for version in versions] == list(range(1, len(versions) + 1))
        assert versions[-1].content == content(entry)
    mended = Entry.objects.annotate(n=Count("versions")).filter(n__gt=1)
    assert mended.count() > 30


def test_a_returned_entry_changed_before_it_was_sent_again() -> None:
    for entry in Entry.objects.filter(moves__verb="return_entry", decision=Decision.ACCEPTED).distinct():
        first, last = entry.versions.first(), entry.versions.last()
        assert first is not None
        assert last is not None
        assert first.content != last.content, entry


def test_nobody_decides_for_their_own_department_or_what_they_had_a_hand_in() -> None:
    own = set(Membership.objects.exclude(department=None).values_list("user", "department"))
    decided = Entry.objects.exclude(decided_by=None).exclude(decision=Decision.SENT_BACK)
    pairs = set(decided.values_list("decided_by", "filing__department"))
    assert pairs & own == set()
    hands = {"filing__filled_by": F("decided_by")}, {"filing__signed_by": F("decided_by")}
    assert [decided.filter(**same).count() for same in hands] == [0, 0]


def test_the_leader_decides_where_every_reviewer_belongs_to_the_department() -> None:
    plan = Plan.objects.get()
    accepted = Entry.objects.accepted()
    deciders = accepted.filter(filing__department=plan.office).values_list(
        "decided_by__memberships__role", flat=True
    )
    assert set(deciders) == {Role.LEADER}
    others = accepted.exclude(filing__department=plan.office)
    assert others.filter(decided_by__memberships__role=Role.LEADER).count() == 0


def test_both_reviewers_review_but_the_one_who_also_files_never_there() -> None:
    reviewers = User.objects.filter(memberships__role=Role.OFFICE)
    assert reviewers.count() == 2
    both = reviewers.get(memberships__role=Role.FILER)
    other = reviewers.exclude(pk=both.pk).get()
    department = both.memberships.get(role=Role.FILER).department
    accepted = Entry.objects.accepted()
    assert set(accepted.filter(filing__department=department).values_list("decided_by", flat=True)) == {
        other.pk
    }
    for reviewer in (both, other):
        assert accepted.filter(decided_by=reviewer).count() > 1000


# Believable


def test_filings_are_on_time_late_or_missing_and_only_late_entry_has_no_timeliness() -> None:
    figures = Summary.objects.filter(subject=Subject.DEPARTMENT)
    assert set(figures.filter(period=period(2017, 1)).values_list("timeliness", flat=True)) == {
        Timeliness.NONE
    }
    closed = figures.exclude(period__in=[period(2017, 1), period(2020, 4)])
    counts = Counter(closed.values_list("timeliness", flat=True))
    assert set(counts) == {Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING}
    assert counts[Timeliness.ON_TIME] > 300
    assert 30 < counts[Timeliness.LATE] < 100
    assert 14 <= counts[Timeliness.MISSING] <= 24


def test_filings_ended_in_every_way(tables: Tables) -> None:
    closed = Filing.objects.exclude(period__closed_at=None)
    assert set(closed.values_list("status", flat=True)) == {
        Status.DRAFT, Status.AWAITING_SIGNOFF, Status.RETURNED, Status.ACCEPTED,
    }  # fmt: skip
    verbs = set(Move.objects.values_list("verb", flat=True))
    assert verbs == {
        "open", "submit", "send_back", "send_back_entry", "sign", "accept_entry", "return_entry", "accept", "return",
        "reopen", "extend", "correct",
    }  # fmt: skip
    drafted = Entry.objects.filter(filing__status=Status.DRAFT, filing__period__closed_at__isnull=False)
    assert drafted.filter(is_complete=True).exists()


def test_a_missing_filing_is_empty_and_stays_open() -> None:
    one = filing("应急响应中心", 2020, 3)
    assert (one.status, one.first_submitted_at, one.submissions) == (Status.DRAFT, None, 0)
    assert steps_of(one) == [("open", "09-20")]
    assert set(one.entries.values_list("text", "version", "decision")) == {("", 0, Decision.OPEN)}


def test_a_reopened_filing_tells_its_whole_story() -> None:
    one = filing("规划建设局", 2019, 4)
    assert [verb for verb, _ in steps_of(one)] == [
        "open", "submit", "sign", "accept", "reopen", "submit", "sign", "accept",
    ]  # fmt: skip
    assert (one.status, one.submissions, one.returns) == (Status.ACCEPTED, 2, 1)


def test_an_extension_makes_a_filing_after_the_deadline_timely() -> None:
    extension = Extension.objects.get(period=period(2019, 3))
    one = Filing.objects.get(period=extension.period, department=extension.department)
    assert local_day(extension.until) == date(2019, 10, 16)
    assert one.first_submitted_at is not None
    assert one.first_submitted_at <= extension.until
    figure = Summary.objects.get(
        period=extension.period, subject=Subject.DEPARTMENT, subject_id=one.department_id
    )
    assert figure.timeliness == Timeliness.ON_TIME
    assert (
        one.moves.get(verb="extend").note
        == "延至 2019-10-16 23:59，批准人 管委会分管领导：台风过后集中抢险救灾，推迟报送"
    )


def test_the_figures_people_know_of_are_these() -> None:
    assert value_of("G1-01", 2020, 4) == Decimal("44.6")
    assert value_of("T6.3-04", 2017, 4) == Decimal(23)
    assert value_of("T6.3-04", 2020, 3) == Decimal("30.6")
    pm = Summary.objects.filter(subject=Subject.INDICATOR, number="G2-08", period__quarter=3)
    rolling = [figure.value for figure in pm.filter(period__year__gte=2018).order_by("period__year")]
    assert rolling == sorted(rolling, reverse=True)
    assert rolling[-1] == Decimal("38.4101")
    good_air = Summary.objects.filter(subject=Subject.INDICATOR, number="G2-09", period__quarter=3)
    shares = [figure.value for figure in good_air.filter(period__year__gte=2018).order_by("period__year")]
    assert shares == sorted(shares)


def test_service_industry_ends_behind_its_target() -> None:
    figure = Summary.objects.get(subject=Subject.INDICATOR, number="G1-01", period=period(2020, 4))
    assert (figure.standing, figure.attainment) == (Standing.LATE, "not_met")


def test_there_are_lights_of_every_colour_in_the_last_closed_quarter() -> None:
    def lights(subject: str) -> Counter[str]:
        figures = Summary.objects.filter(period=period(2020, 3), subject=subject)
        return Counter(figures.values_list("standing", flat=True))

    assert set(lights(Subject.INDICATOR)) == set(Standing)
    assert set(lights(Subject.TASK)) == {Standing.ON_TRACK, Standing.BEHIND, Standing.LATE}
    assert lights(Subject.TASK)[Standing.ON_TRACK] > 30
    assert set(lights(Subject.MILESTONE)) == {Standing.DONE, Standing.LATE, Standing.UNKNOWN}


def test_there_are_zeros_readings_without_data_and_milestones_done_late_or_never() -> None:
    readings = Entry.objects.accepted().filter(kind=EntryKind.READING)
    assert readings.filter(value=0).count() > 50
    assert readings.filter(value_state=ValueState.NO_DATA).exclude(text="").count() > 25
    stones = Entry.objects.accepted().filter(kind=EntryKind.MILESTONE)
    done = stones.filter(milestone_state=MilestoneState.DONE)
    assert done.filter(done_on__gt=F("milestone__due_on")).count() == 2
    assert done.values("milestone").distinct().count() == done.count() == 12
    overdue = stones.filter(filing__period=period(2020, 3), milestone__due_on__lte=date(2020, 9, 30))
    assert list(overdue.values_list("milestone_state", flat=True)) == [MilestoneState.UNDER_WAY]


def test_texts_change_from_quarter_to_quarter() -> None:
    texts = Entry.objects.filter(kind=EntryKind.PROGRESS).exclude(text="")
    by_subject = texts.values_list("responsibility", "text")
    assert len(set(by_subject)) == len(by_subject)


# Figures


def test_closed_quarters_are_published_once_and_one_was_corrected() -> None:
    closed = Period.objects.exclude(closed_at=None)
    assert closed.count() == 15
    assert Publication.objects.count() == 16
    assert set(Publication.objects.filter(version=1).values_list("period", flat=True)) == {
        p.pk for p in closed
    }
    second = Publication.objects.get(version=2)
    assert (second.period.code, local_day(second.at)) == ("2019Q2", date(2019, 8, 12))
    entry = Move.objects.get(verb="correct").entry
    assert entry is not None
    last = entry.versions.last()
    assert last is not None
    assert (last.no, last.content["numerator"]) == (2, "48690")
    assert last.correction_reason in second.reason


def test_a_repair_finds_nothing_to_mend() -> None:
    assert repair(at=AT + timedelta(hours=1)) == []


def test_one_year_is_finalised_and_the_next_one_runs() -> None:
    assert dict(Scheme.objects.values_list("year", "status")) == {2019: "finalised", 2020: "running"}
    for scheme in Scheme.objects.all():
        assert Result.objects.filter(scheme=scheme).exclude(total=None).count() == 19
    assert Scheme.objects.get(year=2020).is_provisional
    assert Adjustment.objects.filter(line__result__scheme__year=2019).count() == 2


# The open quarter


def test_the_open_quarter_lies_around_the_day_of_the_first_load() -> None:
    one = period(2020, 4)
    assert (one.opens_at, one.due_at, one.closes_at, one.closed_at) == (
        start_of(date(2026, 11, 20)), end_of(date(2026, 12, 5)), end_of(date(2026, 12, 15)), None,
    )  # fmt: skip
    assert one.is_late_entry is False
    times = Move.objects.filter(filing__period=one).values_list("at", flat=True)
    assert one.opens_at <= min(times) <= max(times) < AT


def test_a_few_have_filed_and_most_have_not() -> None:
    counts = Counter(Filing.objects.filter(period=period(2020, 4)).values_list("status", flat=True))
    assert counts == {
        Status.DRAFT: 25, Status.SUBMITTED: 3, Status.ACCEPTED: 1, Status.RETURNED: 1, Status.AWAITING_SIGNOFF: 1,
    }  # fmt: skip


def test_the_featured_department_lacks_four_entries_and_can_file(tables: Tables) -> None:
    filer = User.objects.get(username="hbj.tb")
    one = filing("环保局", 2020, 4)
    assert one.department_id in filer.departments_as(Role.FILER)
    assert (one.status, one.filled_by) == (Status.DRAFT, filer)
    open_entries = Entry.objects.for_page().filter(filing=one, is_complete=False)
    assert [entry.indicator.code if entry.indicator else entry.number for entry in open_entries] == [
        "4.2", "9.3", "G2-08", "G2-09",
    ]  # fmt: skip
    assert set(open_entries.values_list("version", flat=True)) == {0}
    complete = Entry.objects.filter(filing=one, is_complete=True)
    assert set(complete.values_list("edited_by", flat=True)) == {filer.pk}


def test_one_was_reminded_and_one_has_more_time() -> None:
    reminder = Notice.objects.get(kind=NoticeKind.REMINDER)
    assert (reminder.period, str(reminder.department)) == (period(2020, 4), "中石油嘉兴分公司")
    told = Notice.objects.get(kind=NoticeKind.EXTENSION)
    extension = Extension.objects.get(period=period(2020, 4))
    assert (told.department, told.at) == (extension.department, extension.recorded_at)
    assert extension.until == end_of(date(2026, 12, 10))
    assert Notice.objects.exclude(kind=NoticeKind.ORDER).count() == 2


def test_orders_stand_in_different_states() -> None:
    found = SupervisionOrder.objects.order_by("no").values_list("no", "task__no", "level", "status")
    assert [(no, level, status) for no, _, level, status in found] == [
        (1, "red", "closed"),
        (2, "red", "working"),
        (3, "red", "reported"),
        (4, "yellow", "closed"),
        (5, "yellow", "working"),
        (6, "yellow", "issued"),
    ]
    assert {order.number for order in SupervisionOrder.objects.select_related("plan")} == {
        f"811督〔2026〕{no}号" for no in range(1, 7)
    }


# Accounts


def test_everybody_has_the_roles_of_the_table(tables: Tables) -> None:
    held = Membership.objects.values_list("user__username", "role", "department__name")
    given = [(row.text("account"), row.text("role"), row.text("department") or None) for row in tables.people]
    assert sorted(map(str, held)) == sorted(map(str, given))
    staff = User.objects.filter(is_staff=True).values_list("memberships__role", flat=True)
    assert set(staff) - {Role.FILER} == {Role.OFFICE, Role.SYSADMIN}
    assert not User.objects.filter(is_superuser=True).exists()
    several = User.objects.annotate(n=Count("memberships__department", distinct=True)).filter(n__gt=1)
    assert several.count() == 2


@pytest.mark.parametrize("account", ["ld", "mlb.sh1", "mlb.sh2", "hbj.tb", "hbj.qf", "xtgl", "csc.tb"])
def test_the_accounts_sign_in(client: Any, tables: Tables, account: str) -> None:
    response = client.post("/login/", {"username": account, "password": tables.settings.password})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(username=account).pk)


def test_a_wrong_password_does_not_sign_in(client: Any) -> None:
    response = client.post("/login/", {"username": "hbj.tb", "password": "Demo@812"})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
