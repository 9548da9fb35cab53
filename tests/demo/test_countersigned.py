"""What the demonstration countersigns: everybody in the quarters that are over, some in the open one."""

import pytest

from filings.models import Countersignature, Entry, Period
from filings.queries.joint import countersigned, overview
from filings.terms import EntryKind
from tests.demo.conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo"), pytest.mark.xdist_group("demo")]


def counts(year: int, quarter: int) -> dict[str, int]:
    found = overview(Period.objects.get(year=year, quarter=quarter), show="", at=AT)
    return {key: count for key, _, count in found.counts if count}


def test_the_quarters_before_were_not_countersigned() -> None:
    assert Period.objects.exclude(countersign_by=None).count() == 2
    assert not Countersignature.objects.filter(entry__filing__period__year__lt=2020).exists()


def test_the_last_closed_quarter_has_every_word() -> None:
    found = counts(2020, 3)
    assert {key: found.get(key, 0) for key in ("contested", "amended", "missing", "waiting")} == {
        "contested": 1, "amended": 1, "missing": 1, "waiting": 0,
    }  # fmt: skip
    assert found["confirmed"] > 100


def test_in_the_open_quarter_most_words_are_waited_for() -> None:
    found = counts(2020, 4)
    assert (found["contested"], found["confirmed"]) == (1, 1)
    assert found["waiting"] > 5
    assert "missing" not in found


def test_nobody_says_anything_before_it_was_sent_or_after_the_deadline() -> None:
    for signature in Countersignature.objects.select_related("entry__filing__period"):
        version = signature.entry.versions.get(no=signature.version_no)
        deadline = signature.entry.filing.period.countersign_by
        assert deadline is not None
        assert version.at < signature.at <= deadline


def test_every_word_comes_from_a_department_that_is_asked() -> None:
    entries = Entry.objects.for_page().filter(kind=EntryKind.PROGRESS, filing__period__year=2020)
    for period in Period.objects.exclude(countersign_by=None):
        asked = countersigned(entries.filter(filing__period=period), AT)
        for signature in Countersignature.objects.filter(entry__filing__period=period):
            departments = [word.department for word in asked[signature.entry_id].words]
            assert signature.department in departments
