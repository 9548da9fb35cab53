"""Windows off days without work, once; and changing them later, with a reason, without judging anybody anew."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone

from audit.models import Event
from filings.errors import Refused
from filings.models import Period, SpecialDay
from filings.services.access import extensions_of, timeliness_of
from filings.services.schedule import Window, change_dates, off_rest, proposed, schedule_next, set_up, shifted
from filings.services.windows import create_period, open_period
from filings.terms import Timeliness
from targets.measure import Quarter
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def local(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=get_current_timezone())


def holidays(*days, name="国庆节"):
    for day in days:
        SpecialDay.objects.create(on=day, name=name)


@pytest.fixture
def plan():
    return f.make_plan("811", office=f.make_department("推进办"))


@pytest.fixture
def office(plan):
    return f.make_reviewer(plan.office)


# Days without work


@pytest.mark.parametrize(
    ("asked", "day", "why"),
    [
        (date(2020, 9, 30), date(2020, 9, 30), ""),
        (date(2020, 10, 1), date(2020, 10, 9), "2020年10月1日是国庆节放假，顺延至 2020年10月9日（周五）"),
        (date(2020, 10, 3), date(2020, 10, 9), "2020年10月3日是国庆节放假，顺延至 2020年10月9日（周五）"),
        (date(2020, 10, 10), date(2020, 10, 10), ""),
        (date(2020, 10, 11), date(2020, 10, 12), "2020年10月11日是周日，顺延至 2020年10月12日（周一）"),
    ],
)
def test_a_day_without_work_moves_to_the_next_working_day_and_a_make_up_day_stays(asked, day, why):
    holidays(*(date(2020, 10, 1) + n * DAY for n in range(8)))
    SpecialDay.objects.create(on=date(2020, 10, 10), name="国庆节", is_working=True)
    found = shifted(asked)
    assert (found.day, found.why) == (day, why)


def test_countersigning_never_ends_before_the_deadline_and_closing_follows():
    window = off_rest(Window(date(2020, 6, 20), date(2020, 7, 11), date(2020, 7, 11), date(2020, 7, 12)))
    assert (window.due_on, window.countersign_on, window.closes_on) == (
        date(2020, 7, 13), date(2020, 7, 13), date(2020, 7, 13),
    )  # fmt: skip
    assert window.notes == (
        "报送截止：2020年7月11日是周六，顺延至 2020年7月13日（周一）",
        "关闭：随之改为 2020年7月13日",
    )


def test_a_window_in_disorder_is_left_for_its_refusal(plan, office):
    window = Window(date(2020, 6, 20), date(2020, 7, 11), None, date(2020, 7, 1))
    with pytest.raises(Refused, match="须依次先后"):
        set_up(plan=plan, year=2020, quarter=2, window=window, by=office, at=local(2020, 6, 1))


def test_the_usual_window_is_proposed_off_days_without_work(plan):
    holidays(date(2020, 7, 10), name="放假")
    window = proposed(Quarter(2020, 2), plan=plan, at=local(2020, 6, 1))
    assert (window.opens_on, window.due_on, window.countersign_on, window.closes_on) == (
        date(2020, 6, 20), date(2020, 7, 13), date(2020, 7, 15), date(2020, 7, 20),
    )  # fmt: skip
    assert window.notes == ("报送截止：2020年7月10日是放假放假，顺延至 2020年7月13日（周一）",)
    late = proposed(Quarter(2016, 2), plan=plan, at=local(2020, 6, 1))
    assert (late.countersign_on, late.is_late_entry) == (None, True)


def test_the_deadline_moves_once_and_later_holidays_never_move_it(plan, office):
    window = Window(date(2020, 6, 20), date(2020, 7, 11), date(2020, 7, 15), date(2020, 7, 20))
    period, _ = set_up(plan=plan, year=2020, quarter=2, window=window, by=office, at=local(2020, 6, 1))
    assert period.due_at == local(2020, 7, 13, 23, 59, 59)
    assert period.countersign_by == local(2020, 7, 15, 23, 59, 59)
    holidays(date(2020, 7, 13), date(2020, 7, 15), name="台风")
    schedule_next(at=local(2020, 6, 21))
    period.refresh_from_db()
    assert (period.due_at, period.countersign_by) == (
        local(2020, 7, 13, 23, 59, 59),
        local(2020, 7, 15, 23, 59, 59),
    )
    assert Period.objects.count() == 1


def test_the_system_sets_up_the_running_quarter_off_days_without_work(plan):
    period = schedule_next(at=local(2020, 10, 1))[0]
    assert period.due_at == local(2021, 1, 11, 23, 59, 59)  # 10 January 2021 is a Sunday
    assert period.countersign_by == local(2021, 1, 15, 23, 59, 59)


@pytest.mark.parametrize("signing", [date(2020, 7, 9), date(2020, 7, 21)])
def test_countersigning_lies_between_deadline_and_closing(plan, office, signing):
    with pytest.raises(Refused, match="会签截止不能早于报送截止，也不能晚于关闭时间"):
        create_period(
            plan=plan, year=2020, quarter=2, opens_at=local(2020, 6, 20), due_at=local(2020, 7, 10),
            closes_at=local(2020, 7, 20), countersign_by=local(signing.year, signing.month, signing.day),
            is_late_entry=False, by=office, at=local(2020, 6, 1),
        )  # fmt: skip


# Changing


@pytest.fixture
def department(plan):
    department = f.make_department("甲局")
    f.make_task(f.make_action(plan), lead=department)
    return department


@pytest.fixture
def period(plan, office, department):
    """Opens 20 June 2020 (a Saturday), due Friday 10 July, countersigned by the 15th, closes on the 20th."""
    window = Window(date(2020, 6, 20), date(2020, 7, 10), date(2020, 7, 15), date(2020, 7, 20))
    return set_up(plan=plan, year=2020, quarter=2, window=window, by=office, at=local(2020, 6, 1))[0]


def change(period, office, at, reason="台风影响", **days):
    usual = {
        "opens_on": date(2020, 6, 20), "due_on": date(2020, 7, 10),
        "countersign_on": date(2020, 7, 15), "closes_on": date(2020, 7, 20),
    }  # fmt: skip
    return change_dates(period=period, window=Window(**(usual | days)), reason=reason, by=office, at=at)


def opened(period):
    open_period(period=period, by=None, at=local(2020, 6, 20))
    period.refresh_from_db()
    return period


def test_before_it_opens_everything_may_move_both_ways(period, office):
    change(period, office, local(2020, 6, 2), opens_on=date(2020, 6, 18), due_on=date(2020, 7, 8))
    period.refresh_from_db()
    assert (period.opens_at, period.due_at) == (local(2020, 6, 18), local(2020, 7, 8, 23, 59, 59))
    event = Event.objects.get(verb="period.change_dates")
    assert event.before == {"开放": "2020-06-20 00:00", "报送截止": "2020-07-10 23:59"}
    assert event.after == {"开放": "2020-06-18 00:00", "报送截止": "2020-07-08 23:59"}
    assert event.note == "台风影响"


def test_once_open_the_deadline_moves_later_off_days_without_work(period, office):
    notes = change(
        opened(period), office, local(2020, 7, 1), due_on=date(2020, 7, 11), closes_on=date(2020, 7, 25)
    )
    period.refresh_from_db()
    assert notes == ("报送截止：2020年7月11日是周六，顺延至 2020年7月13日（周一）",)
    assert (period.due_at, period.closes_at) == (
        local(2020, 7, 13, 23, 59, 59),
        local(2020, 7, 25, 23, 59, 59),
    )


@pytest.mark.parametrize(
    ("at", "days", "sentence"),
    [
        (local(2020, 7, 1), {"opens_on": date(2020, 6, 21)}, "已经开放，开放时间不能再改"),
        (local(2020, 7, 1), {"due_on": date(2020, 7, 9)}, r"报送截止只能推后（现为 2020-07-10 23:59）"),
        (local(2020, 7, 1), {"countersign_on": date(2020, 7, 14)}, "会签截止只能推后"),
        (local(2020, 7, 1), {"countersign_on": None}, "会签截止只能推后"),
        (local(2020, 7, 1), {"closes_on": date(2020, 7, 19)}, "关闭只能推后"),
        (
            local(2020, 7, 11),
            {"due_on": date(2020, 7, 14)},
            r"报送截止时间（2020-07-10 23:59）已过，不能再改；需要更多时间的单位，请逐家登记延期",
        ),
    ],
)
def test_once_open_nothing_moves_earlier_and_a_passed_deadline_not_at_all(period, office, at, days, sentence):
    before = (opened(period).due_at, period.closes_at)
    with pytest.raises(Refused, match=sentence) as refused:
        change(period, office, at, **days)
    assert refused.value.axis == "window"
    period.refresh_from_db()
    assert (period.due_at, period.closes_at) == before


def test_after_the_deadline_countersigning_and_closing_may_still_move_later(period, office):
    change(
        opened(period),
        office,
        local(2020, 7, 18),
        countersign_on=date(2020, 7, 22),
        closes_on=date(2020, 7, 31),
    )
    period.refresh_from_db()
    assert period.countersign_by == local(2020, 7, 22, 23, 59, 59)


@pytest.mark.parametrize(
    ("days", "reason", "sentence"),
    [
        ({}, "台风", "各项时间都没有改动"),
        ({"due_on": date(2020, 7, 14)}, " ", "请写明改动时限的理由"),
        ({"due_on": date(2020, 7, 21)}, "台风", "须依次先后"),
        ({"due_on": date(2020, 7, 16)}, "台风", "会签截止不能早于报送截止"),
    ],
)
def test_a_change_that_says_nothing_or_too_much(period, office, days, reason, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        change(period, office, local(2020, 6, 2), reason, **days)
    assert refused.value.axis == "content"


def test_a_closed_quarter_is_not_changed(period, office):
    f.close_quarter(opened(period), at=local(2020, 7, 30))
    with pytest.raises(Refused, match="已关账，时限不能再改"):
        change(period, office, local(2020, 7, 30), closes_on=date(2020, 8, 3))


def test_only_the_office_changes_dates(period, department):
    with pytest.raises(Refused, match="填报期由推进办管理。") as refused:
        change(period, f.make_filer(department), local(2020, 6, 2), closes_on=date(2020, 7, 30))
    assert refused.value.axis == "permission"


def test_what_was_sent_is_never_judged_anew(period, office, department):
    """A deadline moves only while it has not passed, so whatever was sent is on time before and after."""
    opened(period)
    filer, approver = f.make_filer(department), f.make_approver(department)
    f.file(f.filing_of(period, department), by=filer, signed_by=approver, at=local(2020, 7, 9))

    def judged(at):
        filing = f.filing_of(period, department)
        return timeliness_of(filing, extensions_of(filing.period).get(department.pk), at)

    assert judged(local(2020, 7, 9)) == Timeliness.ON_TIME
    change(period, office, local(2020, 7, 10), due_on=date(2020, 7, 14))
    assert judged(local(2020, 8, 1)) == Timeliness.ON_TIME


# The page


def test_the_page_changes_dates_and_shows_the_history(client, plan, office, department, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: local(2020, 7, 1, 9))
    period = f.open_quarter(
        plan, 2020, 2, at=local(2020, 6, 20), opens_at=local(2020, 6, 20),
        due_at=local(2020, 7, 10, 23, 59, 59), closes_at=local(2020, 7, 20, 23, 59, 59),
    )  # fmt: skip
    client.force_login(office)
    url = reverse("filings:change_dates", args=[period.pk])
    data = {"opens_on": "2020-06-20", "due_on": "2020-07-11", "countersign_on": "2020-07-17",
            "closes_on": "2020-07-20", "reason": "台风影响"}  # fmt: skip
    page = client.post(url, data, follow=True).content.decode()
    assert "报送截止：2020年7月11日是周六，顺延至 2020年7月13日（周一）。" in page
    assert "报送截止</b> 改为 2020-07-13 23:59" in page
    assert "报送截止 原为 2020-07-10 23:59" in page
    assert "理由：台风影响" in page
    refused = client.post(url, data | {"due_on": "2020-07-09"})
    assert refused.status_code == 403
    assert "报送截止只能推后（现为 2020-07-13 23:59）。" in refused.content.decode()
    assert "请写明改动时限的理由。" in client.post(url, data | {"reason": ""}).content.decode()


def test_the_proposal_says_what_was_moved_and_why(client, plan, office, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: local(2020, 12, 1, 9))
    client.force_login(office)
    response = client.get(reverse("filings:periods"), {"year": "2020", "quarter": "4"})
    assert response.context["period_form"].initial["due_on"] == date(2021, 1, 11)
    assert "2021年1月10日是周日，顺延至 2021年1月11日（周一）" in response.content.decode()
