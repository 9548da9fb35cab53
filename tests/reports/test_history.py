"""What was known at the end of a chosen day: figures, filings and pages, and two days compared."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from filings.models import Entry, Filing, Period
from filings.queries.known import entries_before, filings_before
from filings.services.entries import content
from filings.services.moves import send_back, sign, submit
from filings.services.review import complete_review, decide_entry
from filings.terms import Decision, Status
from reports.editions import choices, choose
from reports.models import PastFigure, Subject, Summary
from reports.queries.filing_states import filing_states, filing_states_before
from reports.services import rebuild_period, refresh_period
from tests import factories
from tests.reports.conftest import browser_of
from tests.reports.pages import PAGES, addresses, read
from tests.reports.scene import Scene, closing_time, figures, filing_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene.make()


def day(at: datetime, later: int = 0) -> date:
    return timezone.localtime(at + timedelta(days=later)).date()


def completion(edition, scene) -> Decimal | None:
    figure = edition.of(Subject.TASK, scene.tasks[0].pk)
    return figure.completion if figure else None


@pytest.fixture
def grown(scene) -> Period:
    """A quarter opened on 3 January 2021 and refreshed then; its task at 90 % from the 4th, at 100 % from the 6th."""
    period = scene.opened(2020, 4)
    opened = filing_time(period)
    refresh_period(period=period, at=opened)
    scene.report(period, scene.tasks[0], "90")
    scene.accept(scene.send(period, scene.departments[0]))
    refresh_period(period=period, at=opened + timedelta(days=1))
    Entry.objects.filter(pk=scene.progress(period, scene.tasks[0]).pk).update(percent=100)
    refresh_period(period=period, at=opened + timedelta(days=3))
    return period


# Figures


def test_each_day_has_the_figures_of_its_end(scene, grown):
    days = [date(2021, 1, n) for n in (2, 3, 4, 5, 6)]
    editions = [choose(scene.plan, {"period": "2020Q4"}, known) for known in days]
    assert editions[0] is None
    assert [completion(edition, scene) for edition in editions[1:]] == [
        None, Decimal(90), Decimal(90), Decimal(100)
    ]  # fmt: skip
    assert [edition.as_of for edition in editions[1:]] == [
        filing_time(grown) + timedelta(days=n) for n in (0, 1, 1, 3)
    ]


def test_the_end_of_the_last_day_is_now(scene, grown):
    now, then = choose(scene.plan, {"live": "1"}), choose(scene.plan, {"live": "1"}, date(2021, 1, 6))
    assert figures(then.rows()) == figures(now.rows())
    assert [row.subject_id for row in then.rows()] == [row.subject_id for row in now.rows()]


def test_a_refresh_without_a_difference_leaves_no_history(scene, grown):
    kept = PastFigure.objects.count()
    assert not refresh_period(period=grown, at=filing_time(grown) + timedelta(days=9))
    assert PastFigure.objects.count() == kept


def test_only_what_changed_is_kept(scene, grown):
    past = PastFigure.objects.filter(period=grown, subject=Subject.TASK)
    assert [(row.completion, day(row.known_from), day(row.known_until)) for row in past.order_by("pk")] == [
        (None, date(2021, 1, 3), date(2021, 1, 4)),
        (Decimal(90), date(2021, 1, 4), date(2021, 1, 6)),
    ]
    milestone = PastFigure.objects.filter(period=grown, subject=Subject.MILESTONE)
    assert milestone.count() == 1  # reported on the 4th, and the same since


def test_a_rebuild_keeps_what_was_known(scene, grown):
    days = [date(2021, 1, n) for n in (3, 4, 5, 6)]

    def known():
        return [figures(choose(scene.plan, {"period": "2020Q4"}, each).rows()) for each in days]

    before = known()
    rebuild_period(period=grown, at=filing_time(grown) + timedelta(days=9))
    assert known() == before
    Summary.objects.filter(subject=Subject.TASK).update(completion=Decimal(1))
    rebuild_period(period=grown, at=filing_time(grown) + timedelta(days=10))
    assert known()[:3] == before[:3]
    wrong = choose(scene.plan, {"period": "2020Q4"}, date(2021, 1, 12))
    assert completion(wrong, scene) == 1  # what the pages showed until it was mended
    assert completion(choose(scene.plan, {"period": "2020Q4"}, date(2021, 1, 13)), scene) == 100


def test_a_row_that_is_gone_was_known_once(scene, grown):
    Summary.objects.create(
        period=grown, subject=Subject.TASK, subject_id=999_999, name="旧任务", known_from=filing_time(grown)
    )
    refresh_period(period=grown, at=filing_time(grown) + timedelta(days=9))
    assert choose(scene.plan, {"live": "1"}, date(2021, 1, 11)).of(Subject.TASK, 999_999).name == "旧任务"
    assert choose(scene.plan, {"live": "1"}, date(2021, 1, 12)).of(Subject.TASK, 999_999) is None


def test_two_refreshes_in_one_moment_leave_the_second(scene):
    period = scene.opened(2020, 4)
    refresh_period(period=period, at=filing_time(period))
    scene.accept(scene.send(period, scene.departments[0]))
    refresh_period(period=period, at=filing_time(period))
    assert PastFigure.objects.count() == 0


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_the_past(scene, grown, verb):
    past = PastFigure.objects.filter(period=grown)
    with pytest.raises(IntegrityError, match="a past figure is frozen"), transaction.atomic():
        past.update(completion=Decimal(1)) if verb == "update" else past.delete()


def test_the_past_is_in_order(scene, grown):
    at = filing_time(grown)
    with pytest.raises(IntegrityError, match="past_figure_in_order"), transaction.atomic():
        PastFigure.objects.create(
            period=grown, subject=Subject.TASK, subject_id=1, known_from=at, known_until=at
        )


def test_a_publication_is_known_from_its_day(scene):
    period = scene.filed(2020, 1)
    refresh_period(period=period, at=filing_time(period))
    first = scene.publish(period)
    second = scene.correct(period)
    labels = [
        [edition.label for edition in choices(scene.plan, known)]
        for known in (day(first.at, -1), day(first.at), day(second.at))
    ]
    assert labels == [["2020年第1季度当日数"], ["2020年第1季度第1版"], ["2020年第1季度第2版"]]
    assert choose(scene.plan, {"version": "2", "period": "2020Q1"}, day(first.at)) is None
    assert choose(scene.plan, {}, day(first.at)).publication == first
    assert choose(scene.plan, {}, day(second.at)).publication == second


# Filings and entries


def test_filings_stand_as_they_stood(scene):
    """Every step of a filing that is returned once: what is read back equals what stood there."""
    period = scene.opened(2020, 4)
    department, at = scene.departments[0], filing_time(period)
    filer, approver = scene.filers[department.pk], scene.approvers[department.pk]
    progress = scene.progress(period, scene.tasks[0])

    def filing() -> Filing:
        return scene.filing(period, department)

    def mend(percent: Decimal, now: datetime) -> None:
        late = {
            "problems": "用地未落实",
            "cause": "审批周期长",
            "next_steps": "倒排工期",
            "next_on": date(2021, 3, 1),
        }
        factories.fill_entry(progress, by=filer, at=now, percent=percent, explanation="已核实", **late)

    def step(hours: int) -> datetime:
        return at + timedelta(hours=hours)

    def returned(now: datetime) -> None:
        others = Entry.objects.filter(filing=filing()).exclude(pk=progress.pk)
        for entry in others:
            decide_entry(
                entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=now
            )
        decide_entry(
            entry=progress, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="请写具体",
            by=scene.reviewer, at=now,
        )  # fmt: skip
        complete_review(filing=filing(), by=scene.reviewer, at=now)

    steps = [
        lambda now: factories.fill(filing(), by=filer, at=now),
        lambda now: submit(filing=filing(), checked_by="", by=filer, at=now),
        lambda now: send_back(filing=filing(), notes={progress.pk: ("R01", "请核对")}, by=approver, at=now),
        lambda now: mend(Decimal(60), now),
        lambda now: submit(filing=filing(), checked_by="", by=filer, at=now),
        lambda now: sign(filing=filing(), by=approver, at=now),
        returned,
        lambda now: mend(Decimal(70), now),
        lambda now: submit(filing=filing(), checked_by="", by=filer, at=now),
        lambda now: sign(filing=filing(), by=approver, at=now),
        lambda now: factories.accept(filing(), by=scene.reviewer, at=now),
    ]
    stood = []
    for hours, take in enumerate(steps):
        take(step(hours))
        stood.append((step(hours) + timedelta(minutes=1), _state(filing(), progress)))
    final = stood[-1]
    for moment, before in stood:
        (known,) = entries_before([_fresh(progress)], moment)
        (alone,) = filings_before([filing()], moment)
        assert (alone.status, alone.submissions, alone.first_submitted_at) == before[:3]
        assert (known.filing.status, known.decision) == (before[0], before[3]), moment
    assert [state[0] for _, state in stood] == [
        Status.DRAFT, Status.AWAITING_SIGNOFF, Status.DRAFT, Status.DRAFT, Status.AWAITING_SIGNOFF,
        Status.SUBMITTED, Status.RETURNED, Status.RETURNED, Status.AWAITING_SIGNOFF, Status.SUBMITTED,
        Status.ACCEPTED,
    ]  # fmt: skip
    percents = [entries_before([_fresh(progress)], moment)[0].percent for moment, _ in stood]
    assert percents == [None] * 5 + [Decimal(60)] * 4 + [Decimal(70)] * 2
    (now,) = entries_before([_fresh(progress)], final[0])
    assert content(now) == content(_fresh(progress))


def _fresh(entry: Entry) -> Entry:
    return Entry.objects.for_page().get(pk=entry.pk)


def _state(filing: Filing, entry: Entry) -> tuple[str, int, datetime | None, str]:
    return filing.status, filing.submissions, filing.first_submitted_at, _fresh(entry).decision


def test_the_quarters_filing_as_it_stood(scene):
    period = scene.opened(2020, 4)
    scene.accept(scene.send(period, scene.departments[0]))
    early = filing_states_before(period, filing_time(period) - timedelta(hours=1))
    sent = filing_states_before(period, filing_time(period) + timedelta(minutes=30))
    late = filing_states_before(period, filing_time(period) + timedelta(days=1))
    assert [(s.sent, s.accepted, dict(s.counts)) for s in (early, sent, late)] == [
        (0, 0, {"todo": 2}),
        (1, 0, {"todo": 1, "submitted": 1}),
        (1, 4, {"todo": 1, "accepted": 1}),
    ]
    now = filing_states(period, filing_time(period) + timedelta(days=1))
    assert (now.counts, now.owed, now.sent) == (late.counts, late.owed, late.sent)


# Pages


@pytest.fixture
def corrected(scene) -> Scene:
    """A quarter whose task was published at 25 % and corrected a day later to 30 %."""
    scene.quarter(2020, 1)
    scene.correct(Period.objects.get())
    return scene


@pytest.mark.parametrize("name", [page for page in PAGES if page != "publications"])
def test_every_page_can_be_seen_as_of_a_day(corrected, name):
    known = day(closing_time(Period.objects.get()))
    leader = browser_of(corrected.leader)
    page = read(leader, f"{addresses(corrected)[name]}?known={known}")
    assert f"{known.year}年{known.month}月{known.day}日日终所知" in page
    response = leader.get(addresses(corrected)[name], {"known": f"{known}"})
    assert response.context["edition"].label == "2020年第1季度第1版"
    assert f"known={known}" in response.context["edition_query"]
    assert leader.get(addresses(corrected)[name], {"known": "2020-02-31"}).status_code == 404


def test_a_task_says_what_was_known(corrected):
    leader, at = browser_of(corrected.leader), closing_time(Period.objects.get())
    url = reverse("reports:task", args=[corrected.tasks[0].pk])
    seen = [leader.get(url, {"known": f"{day(at, later)}"}).context["page"] for later in (0, 1)]
    assert [page.figure.completion for page in seen] == [Decimal(25), Decimal(30)]
    assert [page.units[0].entry.percent for page in seen] == [Decimal(25), Decimal(30)]
    assert [page.units[0].state for page in seen] == ["accepted", "accepted"]


def test_an_indicator_says_what_was_known(scene):
    indicator, leader = scene.indicators[0], browser_of(scene.leader)
    period = scene.filed(2020, 1)
    scene.publish(period)
    scene.correct(period, scene.entry(period, indicator=indicator), value=Decimal(70))
    url = reverse("reports:indicator", args=[indicator.pk])
    days = [day(filing_time(period), -1), day(closing_time(period)), day(closing_time(period), 1)]
    pages = [leader.get(url, {"known": f"{known}"}).context["page"] for known in days[1:]]
    assert [page.figure.value for page in pages] == [Decimal(80), Decimal(70)]
    assert [page.rows[0].entry.value for page in pages] == [Decimal(80), Decimal(70)]
    assert [len(page.corrections) for page in pages] == [0, 1]
    assert [page.reported for page in pages] == [1, 1]
    assert leader.get(url, {"known": f"{days[0]}"}).context["page"] is None


def test_a_quarter_that_was_not_there_yet_gives_way_to_the_newest_of_the_day(scene):
    scene.quarter(2020, 1)
    scene.quarter(2020, 2)
    leader, url = browser_of(scene.leader), reverse("reports:cockpit")
    day_of_first = day(closing_time(scene.plan.periods.get(quarter=1)))
    response = leader.get(url, {"period": "2020Q2", "known": f"{day_of_first}"})
    assert response.context["edition"].label == "2020年第1季度第1版"
    assert "当时还没有2020年第2季度第1版，显示的是当时最新的2020年第1季度第1版。" in response.content.decode()
    before = leader.get(url, {"period": "2020Q2", "known": "2018-05-01"})
    assert before.context["edition"] is None
    assert leader.get(url, {"period": "2020Q3", "known": f"{day_of_first}"}).status_code == 404


def test_before_anything_was_known_a_page_says_so(corrected):
    leader = browser_of(corrected.leader)
    page = read(leader, reverse("reports:cockpit") + "?known=2018-05-01")
    assert "还没有可以汇总的数据" in page


def test_today_and_later_days_are_now(corrected):
    leader = browser_of(corrected.leader)
    for known in (timezone.localdate(), timezone.localdate() + timedelta(days=400)):
        response = leader.get(reverse("reports:cockpit"), {"known": f"{known}"})
        assert (response.context["known"], response.context["edition"].label) == (None, "2020年第1季度第2版")


def test_two_days_are_compared(corrected):
    leader, at = browser_of(corrected.leader), closing_time(Period.objects.get())
    url = reverse("reports:compare")
    response = leader.get(url, {"period": "2020Q1", "known": f"{day(at)}"})
    found = {
        (change.figure.subject, label): (then, now)
        for change in response.context["changes"]
        for label, then, now in change.columns
    }
    assert found["task", "完成比例"] == ("25%", "30%")
    same = leader.get(url, {"period": "2020Q1", "known": f"{day(at)}", "against": f"{day(at)}"})
    assert same.context["changes"] == []
    assert "没有差别" in same.content.decode()
    back = leader.get(url, {"period": "2020Q1", "known": f"{day(at, 1)}", "against": f"{day(at)}"})
    task = next(change for change in back.context["changes"] if change.figure.subject == Subject.TASK)
    assert ("完成比例", "30%", "25%") in task.columns


def test_comparing_with_a_day_before_the_plan_calls_everything_new(corrected):
    response = browser_of(corrected.leader).get(
        reverse("reports:compare"), {"period": "2020Q1", "known": "2018-05-01"}
    )
    assert {change.columns[0][0] for change in response.context["changes"]} == {"新增"}
    assert "当时还没有数据" in response.content.decode()


def test_the_state_of_a_quarter_as_a_file(scene):
    period = scene.opened(2020, 4)
    scene.accept(scene.send(period, scene.departments[0]))
    leader = browser_of(scene.leader)
    url = reverse("reports:state_xlsx", args=[period.pk])

    def said(known: str) -> list[str]:
        book = load_workbook(io.BytesIO(leader.get(url, {"known": known}).content))
        rows = [[str(cell.value) for cell in row] for row in book.worksheets[0].iter_rows()]
        return [row[3] for row in rows if row[1] in {d.name for d in scene.departments}]

    assert said(f"{day(filing_time(period), -1)}") == ["未填", "未填"]
    assert said(f"{day(filing_time(period))}") == ["已采纳", "未填"]


def _queries(size: int, quarters: int, name: str) -> int:
    scene = Scene.make(size=size)
    for quarter in range(1, quarters + 1):
        scene.quarter(2020, quarter)
    period = scene.filed(2020, quarters + 1)
    refresh_period(period=period, at=filing_time(period) + timedelta(hours=2))
    known = day(filing_time(period), 1)
    leader = browser_of(scene.leader)
    url = f"{addresses(scene)[name]}?known={known}&period={period.code}&live=1&plan={scene.plan.code}"
    assert leader.get(url).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as queries:
        leader.get(url)
    return len(queries)


@pytest.mark.parametrize("name", ["cockpit", "indicator", "task", "milestones"])
def test_the_past_costs_the_same_for_more_rows_and_quarters(name):
    assert _queries(1, 1, name) == _queries(3, 3, name)
