"""Completeness and timeliness: what is counted, who is ranked, and who may look."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from departments.models import Kind
from filings.models import Period
from filings.services.exemptions import exempt
from filings.services.joint import countersign
from filings.services.review import complete_review, decide_entry
from filings.terms import Consent, Decision, Timeliness
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.ranking import competition_ranks
from reports.editions import end_of_day
from reports.queries.completeness import Counts, by_action, by_department, by_quarter, by_task
from tests import factories as f
from tests.reports.conftest import browser_of
from tests.reports.pages import read

URL = reverse("reports:completeness")
DAY = timedelta(days=1)


class Quarter:
    """An office; a lead with one task; a cooperating bureau; a cooperating enterprise. Nothing filed yet."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.plan = f.make_plan(office=f.make_department("推进办"))
        self.lead, self.bureau = f.make_department("甲局"), f.make_department("乙局")
        self.firm = f.make_department("某公司", kind=Kind.ENTERPRISE)
        self.action = f.make_action(self.plan, leads=[self.lead])
        self.task = f.make_task(self.action, lead=self.lead, cooperating=[self.bureau, self.firm])
        f.make_milestone(self.task)
        f.make_indicator(self.plan, data_department=self.lead)
        self.office = f.make_reviewer(self.plan.office)
        self.period = f.open_quarter(self.plan, at=self.now)

    def send(self, department, at=None):
        filer, approver = f.make_filer(department), f.make_approver(department)
        return f.file(f.filing_of(self.period, department), by=filer, signed_by=approver, at=at)

    def give_back(self, filing):
        """Return its first entry, accept the others."""
        first, *rest = filing.entries.all()
        for entry, decision in [(first, Decision.RETURNED), *((e, Decision.ACCEPTED) for e in rest)]:
            code, note = ("R01", "写实") if decision == Decision.RETURNED else ("", "")
            decide_entry(
                entry=entry, decision=decision, seen=Decision.OPEN, code=code, note=note, by=self.office,
                at=self.now,
            )  # fmt: skip
        complete_review(filing=filing, by=self.office, at=self.now)


@pytest.fixture
def quarter(db):
    return Quarter()


def test_a_silent_department_is_counted(quarter):
    report = by_department(quarter.period, quarter.now)
    assert [(line.name, line.rank, line.counts) for line in report.ranked] == [
        ("甲局", 1, Counts(owed=4)),
        ("乙局", 1, Counts(owed=1)),
    ]
    assert [(line.name, line.rank, line.counts) for line in report.apart] == [
        ("某公司", None, Counts(owed=1))
    ]
    assert report.total == Counts(owed=6)


def test_what_was_sent_returned_and_accepted_is_counted(quarter):
    quarter.give_back(quarter.send(quarter.lead))
    f.accept(quarter.send(quarter.firm), by=quarter.office)
    late = quarter.period.due_at + DAY
    quarter.send(quarter.bureau, at=late)
    report = by_department(quarter.period, late + DAY)
    lead, bureau = report.ranked
    assert (lead.name, lead.rank, lead.timeliness) == ("甲局", 1, Timeliness.ON_TIME)
    assert lead.counts == Counts(owed=4, filed=4, on_time=4, returns=1, accepted=3)
    assert (bureau.rank, bureau.timeliness, bureau.is_late) == (2, Timeliness.LATE, True)
    assert bureau.counts == Counts(owed=1, filed=1, on_time=0, returns=0, accepted=0)
    assert report.apart[0].counts == Counts(owed=1, filed=1, on_time=1, returns=0, accepted=1)
    assert report.total == Counts(owed=6, filed=6, on_time=5, returns=1, accepted=4)


def test_a_return_mended_and_accepted_still_counts_as_a_return(quarter):
    filing = quarter.send(quarter.firm)
    quarter.give_back(filing)
    filing.refresh_from_db()
    f.accept(quarter.send(quarter.firm), by=quarter.office)
    assert by_department(quarter.period, quarter.now).apart[0].counts == Counts(
        1, 1, 1, returns=1, accepted=1
    )


def test_tasks_and_actions_count_what_belongs_to_them(quarter):
    f.accept(quarter.send(quarter.bureau), by=quarter.office)
    (task,) = by_task(quarter.period, quarter.now)
    assert (task.number, task.name) == (quarter.task.number, quarter.task.title)
    assert task.counts == Counts(owed=4, filed=1, on_time=1, accepted=1)  # lead, two cooperating, milestone
    (action,) = by_action(quarter.period, quarter.now)
    assert action.counts == Counts(owed=5, filed=1, on_time=1, accepted=1)  # and the lead's summary


def test_countersignatures_asked_and_given_are_counted(quarter):
    Period.objects.filter(pk=quarter.period.pk).update(countersign_by=quarter.period.closes_at)
    quarter.period.refresh_from_db()
    quarter.send(quarter.lead)
    report = by_department(quarter.period, quarter.now)
    assert [(line.counts.asked, line.counts.countersigned) for line in report.ranked] == [(0, 0), (1, 0)]
    entry = f.entry_of(f.filing_of(quarter.period, quarter.lead), kind="progress")
    countersign(
        entry=entry, department=quarter.bureau, consent=Consent.CONFIRMED, version_no=1,
        by=f.make_filer(quarter.bureau), at=quarter.now,
    )  # fmt: skip
    report = by_department(quarter.period, quarter.now)
    assert {line.name: (line.counts.asked, line.counts.countersigned) for line in (*report.ranked, *report.apart)} == {
        "甲局": (0, 0), "乙局": (1, 1), "某公司": (1, 0),
    }  # fmt: skip
    assert (report.total.asked, report.total.countersigned) == (2, 1)
    (task,), (action,) = by_task(quarter.period, quarter.now), by_action(quarter.period, quarter.now)
    assert (task.counts.asked, task.counts.countersigned) == (2, 1)
    assert (action.counts.asked, action.counts.countersigned) == (2, 1)
    (now,) = by_quarter(quarter.period, quarter.now)
    assert (now.counts.asked, now.counts.countersigned) == (2, 1)


def test_the_exempt_are_left_out(quarter):
    exempt(
        period=quarter.period, department=quarter.firm, reason="已划转", approver="高为民", by=quarter.office,
        at=quarter.now,
    )  # fmt: skip
    report = by_department(quarter.period, quarter.now)
    assert report.apart == []
    assert report.total == Counts(owed=5)
    (task,) = by_task(quarter.period, quarter.now)
    assert task.counts == Counts(owed=3)


def test_quarters_stand_in_a_row(quarter):
    quarter.send(quarter.lead)
    earlier = f.open_quarter(quarter.plan, 2020, 3, at=quarter.now - 90 * DAY)
    now, before = by_quarter(quarter.period, quarter.now)
    assert (now.head.period, now.head.owed, now.head.sent, now.head.on_time) == (quarter.period, 3, 1, 1)
    assert now.punctual_share == Decimal(100) / 3
    assert (before.head.period, before.head.owed, before.head.sent, before.head.on_time) == (earlier, 3, 0, 0)
    report = by_department(quarter.period, quarter.now)
    history = report.ranked[0].history
    assert [cell.timeliness for cell in history] == [Timeliness.MISSING, Timeliness.ON_TIME]


@given(st.dictionaries(st.integers(), st.none() | st.integers(0, 5)))
def test_ranks_are_competition_ranks(values):
    ranks = competition_ranks(values)
    assert set(ranks) == {key for key, value in values.items() if value is not None}
    for key, rank in ranks.items():
        better = [other for other in ranks if values[other] > values[key]]
        assert rank == len(better) + 1


def test_the_page_shows_each_way(quarter):
    client = browser_of(quarter.office)
    assert "甲局 1 未到期 4 0 0 0 0 0.0 % —" in read(client, URL)
    assert "某公司 未到期 1 0 0 0 0 0.0 % —" in read(client, URL)
    assert f"{quarter.task.number} {quarter.task.title} 4 0 0 0 0 0.0 % —" in read(client, f"{URL}?by=task")
    assert f"{quarter.action.no} {quarter.action.name} 5 0 0 0 0 0.0 % —" in read(client, f"{URL}?by=action")
    assert "2020年四季度 3 0 0 0.0 % 6 0 0 0 0 0.0 % —" in read(client, f"{URL}?by=quarter")


def test_who_may_look_and_what_is_not_there(quarter):
    filer = browser_of(f.make_filer(quarter.lead))
    assert filer.get(URL).status_code == 403
    leader = browser_of(f.make_leader())
    assert leader.get(URL).status_code == 200
    assert leader.get(f"{URL}?by=colour").status_code == 404
    assert leader.get(f"{URL}?period=2031Q1").status_code == 404


def test_before_the_first_quarter_the_page_says_so(db):
    f.make_plan()
    assert "还没有开放过填报期。" in read(browser_of(f.make_leader()), URL)


def test_more_rows_and_quarters_take_no_more_queries(db):
    def queries(rows: int, quarters: int) -> int:
        plan = f.make_plan()
        action = f.make_action(plan, leads=[f.make_department()])
        for _ in range(rows):
            f.make_task(action, lead=f.make_department(), cooperating=[f.make_department()])
        for number in range(1, quarters + 1):
            period = f.open_quarter(plan, 2020, number)
        with CaptureQueriesContext(connection) as captured:
            by_department(period, timezone.now())
            by_task(period, timezone.now())
            by_quarter(period, timezone.now())
        return len(captured)

    assert queries(1, 1) == queries(3, 3)


def test_every_way_of_counting_stands_as_it_stood(quarter):
    """Sent on the second day, returned on the third, mended and accepted on the fourth: each day knows its own."""
    Period.objects.filter(pk=quarter.period.pk).update(countersign_by=quarter.period.closes_at)
    quarter.period.refresh_from_db()
    days = [quarter.now - n * DAY for n in (0, 1, 2, 3)][::-1]
    first = local_day(days[0])
    Period.objects.filter(pk=quarter.period.pk).update(opened_at=days[0])
    filing = quarter.send(quarter.firm, at=days[1])
    (entry,) = filing.entries.all()
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实", by=quarter.office,
        at=days[2],
    )  # fmt: skip
    complete_review(filing=filing, by=quarter.office, at=days[2])
    quarter.send(quarter.lead, at=days[2])
    filing = quarter.send(quarter.firm, at=days[3])
    entry.refresh_from_db()
    decide_entry(
        entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, code="", note="", by=quarter.office,
        at=days[3],
    )  # fmt: skip
    exempt(
        period=quarter.period, department=quarter.bureau, reason="已划转", approver="高为民", by=quarter.office,
        at=days[3],
    )  # fmt: skip
    ends = [end_of_day(first + n * DAY) for n in range(4)]
    assert [by_department(quarter.period, end, end).total for end in ends] == [
        Counts(owed=6),
        Counts(owed=6, filed=1, on_time=1),
        Counts(owed=6, filed=5, on_time=5, returns=1, asked=1),
        Counts(owed=5, filed=5, on_time=5, returns=1, accepted=1, asked=1),
    ]
    assert [line.counts.returns for (line,) in (by_task(quarter.period, end, end) for end in ends)] == [
        0,
        0,
        1,
        1,
    ]
    assert [line.counts.accepted for (line,) in (by_action(quarter.period, end, end) for end in ends)] == [
        0,
        0,
        0,
        1,
    ]
    heads = [line.head for (line,) in (by_quarter(quarter.period, end, end) for end in ends)]
    assert [(head.owed, head.sent, head.on_time) for head in heads] == [
        (3, 0, 0),
        (3, 1, 1),
        (3, 2, 2),
        (2, 2, 2),
    ]
    client, known = browser_of(quarter.office), f"{first + DAY:%Y-%m-%d}"
    page = client.get(URL, {"known": known})
    assert page.context["report"].total == Counts(owed=6, filed=1, on_time=1)
    said = f"这里是{zh.day(first + DAY)}日终所知的报送情况，之后的报送、审核、延期都不在内。"
    assert said in page.content.decode()
    assert f"&amp;known={known}" in page.content.decode()
    book = load_workbook(io.BytesIO(client.get(URL, {"known": known, "export": "xlsx"}).content))
    assert said in [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert client.get(URL, {"known": "2018-05-01"}).context["period"] is None
    assert client.get(URL, {"known": "2018-05-01", "period": quarter.period.code}).context["period"] is None
    assert client.get(URL, {"known": known, "period": "2031Q1"}).status_code == 404


def test_a_page_that_cannot_go_back_says_so_on_it_and_in_its_file(quarter):
    client = browser_of(quarter.office)
    said = "本页只有现在的情况，不能按日回看；以下不是2020-11-05所知的情况。"
    for url in (reverse("reports:burden"), reverse("supervision:desk"), reverse("reports:targets")):
        assert said in read(client, f"{url}?known=2020-11-05")
        assert said not in read(client, url)
    file = client.get(reverse("supervision:desk"), {"known": "2020-11-05", "export": "xlsx"})
    book = load_workbook(io.BytesIO(file.content))
    assert said in [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
