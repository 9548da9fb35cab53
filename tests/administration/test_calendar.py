"""Public holidays and make-up working days as a table of the administration, and the table shipped."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from tablib import Dataset

from filings.models import SpecialDay
from filings.resources import SpecialDayResource
from filings.services.schedule import shifted
from tests.administration.conftest import csv_file, table_of

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "calendar" / "special_days.csv"
TABLE = "filings_specialday"


def load_shipped():
    text = SHIPPED.read_text(encoding="utf-8-sig")
    return SpecialDayResource().import_data(Dataset().load(text, format="csv"), dry_run=False)


def test_the_table_goes_out_as_it_comes_in(export):
    SpecialDay.objects.create(on=date(2021, 2, 7), is_working=True, name="春节")
    head, row = table_of(export(TABLE, kind="csv"))
    assert head == ["日期", "补班", "说明"]
    assert row == ["2021-02-07", "是", "春节"]


def test_the_office_imports_days(as_office):
    file = csv_file(["日期", "补班", "说明"], ["2021-02-07", "是", "春节"], ["2021-02-11", "否", "春节"])
    response = as_office.post(
        reverse(f"admin:{TABLE}_import"), {"import_file": file, "format": "", "resource": ""}
    )
    assert response.status_code == 200
    assert response.context["result"].problems == []


@pytest.mark.django_db
def test_the_shipped_table_has_the_days_of_the_notices():
    result = load_shipped()
    assert result.problems == []
    assert SpecialDay.objects.count() == 74
    make_up = SpecialDay.objects.filter(is_working=True).values_list("on", flat=True)
    assert {day.weekday() for day in make_up} <= {5, 6}
    assert [f"{day:%m-%d}" for day in make_up if day.year == 2021] == [
        "02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "day"),
    [
        (date(2020, 1, 24), date(2020, 2, 3)),
        (date(2020, 6, 28), date(2020, 6, 28)),
        (date(2020, 10, 1), date(2020, 10, 9)),
        (date(2020, 10, 10), date(2020, 10, 10)),
        (date(2021, 2, 11), date(2021, 2, 18)),
        (date(2021, 1, 10), date(2021, 1, 11)),
    ],
)
def test_deadlines_move_off_the_shipped_days(asked, day):
    load_shipped()
    assert shifted(asked).day == day


def test_a_day_stands_once(as_office):
    SpecialDay.objects.create(on=date(2021, 1, 1), name="元旦")
    response = as_office.post(reverse(f"admin:{TABLE}_add"), {"on": "2021-01-01", "name": "元旦"})
    assert response.status_code == 200
    assert SpecialDay.objects.count() == 1
