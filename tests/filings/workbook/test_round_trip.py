"""Down and up again: what nobody touched is unchanged, and whatever was stored or typed arrives as it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from filings.workbook.compare import Change
from filings.workbook.fields import Raw, Shape, Spec, decoded, kept, to_cell, typed
from harbor_plan.lib import formulas
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b


def test_an_untouched_workbook_changes_nothing(scene: Scene) -> None:
    scene.fill()
    page = b.seen(scene, b.taken(scene))
    assert [row.change for row in page.rows] == [Change.NONE] * 5
    assert (page.problems, page.notes, page.applicable, page.quiet) == ([], [], [], 5)


def test_an_untouched_workbook_of_the_next_quarter_changes_nothing(scene: Scene) -> None:
    """With last quarter's columns filled, of every kind."""
    scene.send()
    f.accept(scene.filing, by=scene.reviewer, at=scene.at)
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    filing = f.filing_of(later, scene.lead)
    f.fill(filing, by=scene.filer, at=scene.at)
    content = b.taken(scene, filing)
    book = b.opened(content)
    entry = f.entry_of(filing, kind="progress")
    assert b.cell_of(book, entry, "before_percent").value == "50%"
    scene.period = later
    page = b.seen(scene, content)
    assert [row.change for row in page.rows] == [Change.NONE] * 5
    assert (page.problems, page.notes) == ([], [])


def test_a_workbook_outlives_a_change_of_the_key(scene: Scene, settings: Any) -> None:
    content = b.taken(scene)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key", [settings.SECRET_KEY]
    assert b.seen(scene, content).quiet == 5


AWKWARD = [
    "=1+1", "+86", "-3", "@你", "'=1", "''", "_x000D_", "_x0041_ _x", "a\r\nb", "a\rb", "＝全角", "\t制表",
    "4.10", "TRUE", "#REF!", "1e5", " 前后空格 ", "85%", "2020-08-01", "\x0b", "𠮷野家",
]  # fmt: skip


def test_awkward_texts_that_are_stored_come_back_unchanged(scene: Scene) -> None:
    fields = ["text", "problems", "cause", "coordination", "next_steps"]
    for first in range(0, len(AWKWARD), len(fields)):
        entry = scene.progress
        for name, text in zip(fields, AWKWARD[first : first + len(fields)], strict=False):
            setattr(entry, name, text)
        entry.save()
        row = b.row_seen(b.seen(scene, b.taken(scene)), entry)
        assert b.ways(row) == {}, first
        assert not row.has_touched_locked


def test_no_text_of_ours_is_a_formula(scene: Scene) -> None:
    entry = scene.progress
    entry.text, entry.problems, entry.cause = "=1+1", "@SUM(A1)", "-2+3"
    entry.save()
    book = b.opened(b.taken(scene))
    assert [b.cell_of(book, entry, name).value for name in ("text", "problems", "cause")] == [
        "'=1+1", "'@SUM(A1)", "'-2+3"
    ]  # fmt: skip
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


# Whatever is typed; pure, without a file

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
NUMBERS = st.decimals(min_value=-(10**13), max_value=10**13, places=4, allow_nan=False)


def as_read(value: Any, spec: Spec) -> Raw:
    """A cell as openpyxl reads back what was put in."""
    if value is None:
        return Raw(None)
    if isinstance(value, str):
        return Raw(value, "s", spec.format)
    if isinstance(value, Decimal):
        return Raw(float(f"{value:.16g}"), "n", spec.format)
    return Raw(value, "d", spec.format)


@given(TEXTS)
@example("_x005F_x0041_")
@example("'=x")
def test_any_text_round_trips(text: str) -> None:
    spec = Spec(Shape.TEXT, longest=5000)
    assert typed(as_read(to_cell(text, spec), spec), spec, text) == text


@given(TEXTS)
def test_any_text_is_kept_as_no_formula_and_without_control_characters(text: str) -> None:
    cell = kept(text)
    assert not formulas.is_formula(cell)
    assert all(ord(char) >= 32 or char in "\t\n" for char in cell)
    assert decoded(cell).replace("'", "") == decoded(kept(decoded(cell))).replace("'", "")


@given(NUMBERS)
def test_any_number_round_trips(number: Decimal) -> None:
    text = f"{number.normalize():f}"
    spec = Spec(Shape.NUMBER)
    assert typed(as_read(to_cell(text, spec), spec), spec, "") == text


@given(st.decimals(min_value=Decimal("1.01"), max_value=100, places=2, allow_nan=False))
def test_any_percent_round_trips(number: Decimal) -> None:
    text = f"{number.normalize():f}"
    spec = Spec(Shape.PERCENT)
    assert typed(as_read(to_cell(text, spec), spec), spec, "") == f"{text}%"


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_any_day_round_trips(day: date) -> None:
    spec = Spec(Shape.DAY)
    text = day.isoformat()
    value = to_cell(text, spec)
    assert value == day
    assert typed(Raw(text, "s"), spec, "") == text
