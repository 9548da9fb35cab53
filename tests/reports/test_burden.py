"""The burden meter: what is asked, known, copied and changed, how long it took, and what reads each field."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from filings.models import Filing
from filings.models.entry import FIELDS
from reports.queries.burden import USES, burden, uses
from tests import factories as f
from tests.reports.conftest import browser_of
from tests.reports.pages import read

URL = reverse("reports:burden")


@pytest.fixture
def plan(db):
    return f.make_plan(office=f.make_department("推进办"))


@pytest.fixture
def department(plan):
    """One that only cooperates in one task: its form has few fields."""
    department = f.make_department("乙局")
    f.make_task(f.make_action(plan), lead=f.make_department("甲局"), cooperating=[department])
    return department


def load_of(period, department):
    return next(load for load in burden(period).loads if load.filing.department == department)


def send(period, department, at):
    return f.file(
        f.filing_of(period, department),
        by=f.make_filer(department),
        signed_by=f.make_approver(department),
        at=at,
    )


def test_fields_are_asked_known_and_changed(plan, department):
    now = timezone.now()
    asked = len(FIELDS["contribution"]) - 1  # the explanation is asked only where something is odd
    first = f.open_quarter(plan, 2020, 3, at=now - timedelta(days=90))
    empty = load_of(first, department)
    assert (empty.entries, empty.asked, empty.known, empty.copied, empty.changed, empty.took) == (
        1, asked, 0, 0, 0, None,
    )  # fmt: skip
    send(first, department, now - timedelta(days=89))
    assert load_of(first, department).changed == 1  # the text
    second = f.open_quarter(plan, 2020, 4, at=now)
    assert (load_of(second, department).known, load_of(second, department).changed) == (1, 0)


def test_the_time_from_opening_to_the_first_sending_is_kept(plan, department):
    now = timezone.now()
    period = f.open_quarter(plan, at=now)
    Filing.objects.filter(period=period, department=department).update(begun_at=now)
    send(period, department, now + timedelta(minutes=25))
    assert load_of(period, department).took == timedelta(minutes=25)
    assert burden(period).middle == timedelta(minutes=25)


def test_the_median_is_of_those_who_have_sent(plan, department):
    period = f.open_quarter(plan)
    assert burden(period).middle is None


def test_every_field_says_what_reads_it_and_it_does():
    assert set(USES) == {name for fields in FIELDS.values() for name in fields}
    for name, places in USES.items():
        for place in places:
            assert name in (settings.BASE_DIR / place.file).read_text(), (name, place.file)


def test_what_is_said_to_serve_the_review_only_stands_on_no_page_of_figures():
    pages = [path.read_text() for path in (settings.BASE_DIR / "templates/reports").glob("*.html")]
    for field, places in USES.items():
        read = any(f"entry.{field} " in page for page in pages)
        assert not (read and [place.name for place in places] == ["只供审核"]), field


def test_a_field_is_listed_once_with_its_kinds():
    listed = {field.name: field for field in uses()}
    assert len(listed) == len(USES)
    assert listed["本年完成比例"].kinds == "牵头任务进展"
    assert listed["存在问题"].kinds == "牵头任务进展、配合任务情况、专项行动小结"
    assert [name for name, field in listed.items() if field.is_for_review_only] == [
        "比例说明", "自评亮灯", "进展状态", "提醒说明",
    ]  # fmt: skip


def test_the_page_is_the_offices(plan, department):
    now = timezone.now()
    period = f.open_quarter(plan, at=now)
    Filing.objects.filter(period=period, department=department).update(begun_at=now)
    send(period, department, now + timedelta(minutes=25))
    text = read(browser_of(f.make_reviewer(plan.office)), URL)
    assert "乙局 1 3 0 0 1 25 分钟" in text
    assert "自评亮灯 牵头任务进展 只供审核" in text
    for person in (f.make_leader(), f.make_filer(department)):
        assert browser_of(person).get(URL).status_code == 403
