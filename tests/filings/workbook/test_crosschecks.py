"""A workbook meets the office's cross-checks as the page does: told before it is written, and asked at submission."""

from datetime import date
from decimal import Decimal as D

import pytest

from filings.errors import Incomplete
from filings.models import Entry
from filings.services.cross_rules import RuleValues, add_rule
from filings.services.moves import submit
from filings.services.workbook import Chosen, apply_upload
from filings.terms import RuleKind, Severity
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

SAID = (
    "“绿道长度”累计值由2020年一季度的 90 千米 降为2020年二季度的 80 千米（牵头局），减少 10 千米。"
    "改正后才能提交；情况属实的，请联系推进办调整勾稽规则。"
)


def test_a_value_against_a_rule_is_told_in_the_preview_and_refused_at_submission(scene: Scene) -> None:
    earlier = f.filing_of(f.open_quarter(scene.plan, 2020, 1, at=scene.at), scene.lead)
    f.fill_entry(f.entry_of(earlier, indicator=scene.indicator), by=scene.filer, value=D(90))
    f.file(earlier, by=scene.filer, signed_by=scene.approver, at=scene.at)
    rule = RuleValues(
        kind=RuleKind.RISING,
        indicator=scene.indicator,
        other=None,
        tolerance=D(0),
        is_percent=False,
        factor=D(0),
        severity=Severity.ERROR,
        effective_from=date(2020, 1, 1),
    )
    add_rule(plan=scene.plan, values=rule, reason="只增不减", by=scene.reviewer, at=scene.at)
    f.fill(scene.filing, by=scene.filer)
    f.fill_entry(scene.reading, by=scene.filer, value=D(95))

    upload = b.kept(scene, b.with_values(b.taken(scene), scene.reading, value=80))
    entry = scene.reading
    assert b.row_seen(b.looked_at(scene, upload), entry).hints == [SAID]
    chosen = {entry.pk: Chosen(entry.version, None)}
    apply_upload(upload=upload, chosen=chosen, by=scene.filer, at=scene.at)
    entry = Entry.objects.get(pk=entry.pk)
    assert (entry.value, entry.is_complete) == (D(80), False)
    with pytest.raises(Incomplete) as refused:
        submit(filing=scene.filing, by=scene.filer, at=scene.at)
    assert [problem.sentence for problem in refused.value.problems[entry.pk]] == [SAID]
