"""From filed quarters to a final year, through the real services, and a correction in between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from assessment.services import compute, finalise
from filings.errors import Refused
from reports.services import correct, publish
from tests.assessment.helps import line_of, make_scheme, result_of
from tests.factories import (
    accept,
    entry_of,
    file,
    filing_of,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_indicator,
    make_milestone,
    make_plan,
    make_reviewer,
    make_target,
    make_task,
    open_quarter,
)

pytestmark = pytest.mark.django_db


def test_a_year_is_filed_published_scored_corrected_and_finalised(client):
    """80 of 100 in the indicator, all of the year's work, everything in time; the milestone was not done.

    40 × 0.8 + 30 + 10 × 0 + 10 + 10 = 82; after the correction to 90: 40 × 0.9 + 50 = 86.
    """
    plan, unit = make_plan(), make_department()
    task = make_task(make_action(plan), lead=unit)
    make_milestone(task, due_on=date(2019, 12, 31))
    roads = make_indicator(plan, data_department=unit)
    make_target(roads, "100", due_on=date(2019, 12, 31))
    filer, approver, office = make_filer(unit), make_approver(unit), make_reviewer()
    scheme = make_scheme(plan, members=[unit])
    for quarter in (1, 2, 3, 4):
        at = datetime(2019, 3 * quarter, 25, 2, tzinfo=UTC)
        period = open_quarter(plan, 2019, quarter, at=at)
        filing = file(filing_of(period, unit), by=filer, signed_by=approver, at=at)
        accept(filing, by=office, at=at)
        publish(period=period, by=office, at=at + timedelta(days=11))
    at = datetime(2020, 2, 1, 2, tzinfo=UTC)
    compute(scheme=scheme, by=office, at=at)
    assert result_of(scheme, unit).total == Decimal(82)
    reading = entry_of(filing_of(period, unit), indicator=roads)
    line = line_of(scheme, unit, f"indicator:{roads.pk}")
    source = line.explanation["figures"][0]
    assert (source["filing"], source["submission"], source["version"]) == (reading.filing_id, 1, 1)

    roads.targets.update(value=Decimal(160))  # revised later; what was published stays
    compute(scheme=scheme, by=office, at=at)
    assert result_of(scheme, unit).total == Decimal(82)
    roads.targets.update(value=Decimal(100))

    correct(entry=reading, values={"value": Decimal(90)}, reason="竣工验收补测", by=office, at=at)
    with pytest.raises(Refused, match="评分后又发布了新版本"):
        finalise(scheme=scheme, by=office, at=at)
    compute(scheme=scheme, by=office, at=at)
    finalise(scheme=scheme, by=office, at=at)
    result = result_of(scheme, unit)
    assert (result.total, result.rank, result.grade) == (Decimal(86), 1, "良好")
    line.refresh_from_db()
    assert line.explanation["figures"][0]["version"] == 2

    client.force_login(filer)
    page = client.get(reverse("assessment:sheet", args=[2019, unit.pk]), {"line": line.pk}).content.decode()
    assert "2019年第4季度第2版" in page
    assert client.get(reverse("filings:detail", args=[source["filing"]])).status_code == 200
    assert client.get(f"{reverse('reports:indicator', args=[roads.pk])}?{source['query']}").status_code == 200
