"""The filing desk: one entry of a filing as a form, with last quarter and what stands in the way of submitting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.forms import BoundField, RadioSelect
from django.forms.boundfield import BoundWidget

from filings.calendar import Window
from filings.checks import check
from filings.errors import Problem, Refused
from filings.forms.entry import EntryForm
from filings.forms.evidence import ACCEPT
from filings.labels import plain, unit, written
from filings.models import Entry, Filing
from filings.models.entry import WORDS
from filings.queries.beside import Beside, beside
from filings.queries.checklist import Condition, checklist
from filings.queries.items import HINTS as ITEM_HINTS
from filings.queries.items import ItemTable, table_of
from filings.queries.rows import Row, Sheet, sheet_of
from filings.rules import WRITABLE
from filings.services.access import closed_sentence, need_writable
from filings.services.crosschecks import notes_on
from filings.services.entries import around, year_ago_entries
from filings.services.items import PREFIX, asked
from filings.terms import Decision, EntryKind, Status
from harbor_plan.lib import zh
from harbor_plan.lib.files import readable_size
from harbor_plan.lib.templatetags.harbor import LIGHTS
from targets.arithmetic import thresholds_of

_ALWAYS = "必填"
_UNLESS_NOTHING = "必填，本季无工作的不填"
_NOTHING = "确无工作的，只填此栏"
_PERCENT = "必填，0 至 100"
_BEHIND = "落后或滞后时必填"

#: When a field must be filled, said beside its label: by kind and field, else 可不填.
_HINTS: dict[str, dict[str, str]] = {
    EntryKind.PROGRESS: {
        "percent": _PERCENT,
        "self_light": _UNLESS_NOTHING,
        "pace": _UNLESS_NOTHING,
        "text": _UNLESS_NOTHING,
        "nothing_reason": "确无工作的，填此栏和完成比例，比例空着的沿用上季",
        "problems": _BEHIND,
        "cause": _BEHIND,
        "next_steps": _BEHIND,
        "next_on": f"{_BEHIND}，如 2021-03-20",
        "coordination": "没有可不填",
    },
    EntryKind.CONTRIBUTION: {"text": _UNLESS_NOTHING, "nothing_reason": _NOTHING},
    EntryKind.SUMMARY: {"text": _UNLESS_NOTHING, "nothing_reason": _NOTHING},
    EntryKind.MILESTONE: {
        "milestone_state": _ALWAYS,
        "done_on": "已完成时必填，如 2020-12-08",
        "text": "取消或到期未完成时必填",
    },
    EntryKind.READING: {
        "value_state": _ALWAYS,
        "value": "有数据时必填，零填 0",
        "numerator": "有数据时必填，零填 0",
        "denominator": "有数据时必填",
        "text": "无数据时必填",
    },
}


@dataclass(frozen=True)
class FieldRow:
    """One field beside last quarter's and last year's: errors stand on the bound field, `missing` is quiet.

    `is_copied` marks a text that still says what it said last quarter; `is_words` one that can be copied.
    """

    bound: BoundField
    hint: str
    unit: str
    before: str
    year_ago: str
    is_words: bool
    is_copied: bool
    missing: list[str]
    warnings: list[str]
    notes: list[str]

    @property
    def name(self) -> str:
        return self.bound.name

    @property
    def tone(self) -> str:
        """err, warn or empty: how the input is marked."""
        return "err" if self.bound.errors else "warn" if self.warnings else ""

    @property
    def lights(self) -> list[tuple[BoundWidget, str]]:
        """The radio buttons of a light, each with the end of its light's CSS classes."""
        return [(option, LIGHTS[str(option.data["value"])][0]) for option in self.bound]

    @property
    def shape(self) -> str:
        """Which control draws it: light, pick (radio buttons), or plain."""
        if self.name == "self_light":
            return "light"
        return "pick" if isinstance(self.bound.field.widget, RadioSelect) else "plain"


@dataclass(frozen=True)
class Desk:
    """The page. `refusal` says why this entry cannot be written now; empty if it can."""

    sheet: Sheet
    row: Row
    form: EntryForm
    fields: list[FieldRow]
    items: ItemTable | None
    odd: list[Problem]
    beside: Beside
    year_ago: Entry | None
    refusal: str
    conditions: list[Condition]
    usual_checker: str

    @property
    def filing(self) -> Filing:
        return self.sheet.filing

    @property
    def entry(self) -> Entry:
        return self.row.entry

    @property
    def has_words_before(self) -> bool:
        """Whether last quarter has any text to copy."""
        return any(field.is_words and field.before for field in self.fields)

    @property
    def may_write(self) -> bool:
        """Whether this entry can be written now."""
        return not self.refusal

    @property
    def most_files(self) -> int:
        return int(settings.EVIDENCE_PER_ENTRY)

    @property
    def largest_file(self) -> str:
        return readable_size(settings.EVIDENCE_LARGEST)

    @property
    def accepts(self) -> str:
        """Endings the file dialog offers."""
        return ACCEPT

    @property
    def asks_explanation(self) -> bool:
        """Whether the box for the explanation is shown: something is odd, was returned, or stands in it."""
        return bool(self.odd or self.row.is_returned or self.form["explanation"].value())

    @property
    def blocking(self) -> int:
        return sum(condition.tone == "err" for condition in self.conditions)

    @property
    def may_submit(self) -> bool:
        return self.sheet.is_writable and not self.blocking

    @property
    def is_awaiting(self) -> bool:
        return self.filing.status == Status.AWAITING_SIGNOFF

    @property
    def number(self) -> int:
        """Which of the filing's entries this is, from 1."""
        return self._index + 1

    @property
    def prev(self) -> Row | None:
        return self.sheet.rows[self._index - 1] if self._index else None

    @property
    def next(self) -> Row | None:
        rows = self.sheet.rows[self._index + 1 : self._index + 2]
        return rows[0] if rows else None

    @property
    def _index(self) -> int:
        return [row.entry.pk for row in self.sheet.rows].index(self.entry.pk)


def find_row(sheet: Sheet, entry_id: int | None) -> Row | None:
    """The entry asked for, or where to go on; None when it is not of this filing."""
    if entry_id is None:
        return sheet.next_row or sheet.rows[0]
    return next((row for row in sheet.rows if row.entry.pk == entry_id), None)


def desk(
    filing: Filing, *, entry_id: int | None, form: EntryForm | None, is_check: bool, at: datetime
) -> Desk | None:
    """The desk at one entry, or None when the filing has no such entry.

    `form` is what was typed and refused; without it the entry is shown as stored. `is_check` marks what is missing
    as wrong, as after a refused submission.
    """
    sheet = sheet_of(filing, at)
    row = find_row(sheet, entry_id)
    if row is None:
        return None
    odd = _odd(row)
    problems = [] if form else row.problems  # those of the stored entry say nothing about what was typed
    form = form or EntryForm.of(row.entry)
    form.full_clean()
    _mark(form, problems, is_check=is_check)
    year_ago = year_ago_entries([row.entry], filing.period).get(row.entry.pk)
    if year_ago and year_ago.filing.first_submitted_at is None:
        year_ago = None
    field_of = partial(_field_row, row, year_ago, form, problems, odd)
    return Desk(
        sheet=sheet,
        row=row,
        form=form,
        fields=[
            field_of(name) for name in form.fields if name != "explanation" and not name.startswith(PREFIX)
        ],
        items=table_of(row, field_of),
        odd=odd,
        beside=beside(row.entry, at),
        year_ago=year_ago,
        refusal=refusal(filing, row.entry, sheet.window),
        conditions=list(_conditions(sheet, row, odd)),
        usual_checker=filing.checked_by or _last_checker(filing),
    )


def _last_checker(filing: Filing) -> str:
    """Who checked the department's filing last time, so that the name need not be typed again."""
    checked = (
        Filing.objects.filter(department=filing.department_id).exclude(checked_by="").order_by("checked_at")
    )
    last = checked.last()
    return last.checked_by if last else ""


def refusal(filing: Filing, entry: Entry, window: Window) -> str:
    """Why an entry cannot be written now, or nothing: the same order of questions as saving asks."""
    try:
        need_writable(filing)
    except Refused as refused:
        return refused.sentence
    if not window.is_open:
        return closed_sentence(filing.period, window)
    if entry.decision == Decision.ACCEPTED:
        return f"本项已采纳，不再修改；确需更正请联系{filing.period.plan.office}退回本项。"
    return ""


def _odd(row: Row) -> list[Problem]:
    """What deserves an explanation, explained or not."""
    values = {name: getattr(row.entry, name) for name in row.entry.fields} | {"explanation": ""}
    known = check(row.entry.kind, values, around(row.entry, row.filing.period, row.previous))
    return [problem for problem in known if problem.is_warning]


def _mark(form: EntryForm, problems: Iterable[Problem], *, is_check: bool) -> None:
    """Put what is wrong beside its field; what is only missing yet stays quiet unless `is_check`."""
    for problem in problems:
        if problem.is_warning or problem.field not in form.fields or form[problem.field].errors:
            continue
        if is_check or form.typed()[problem.field].strip():
            form.add_error(problem.field, problem.sentence)


def _field_row(
    row: Row, year_ago: Entry | None, form: EntryForm, problems: list[Problem], odd: list[Problem], name: str
) -> FieldRow:
    return FieldRow(
        bound=form[name],
        hint=_hint(row, name),
        unit=unit(row.entry, name),
        before=written(row.entry, name, getattr(row.sent_before, name, None)),
        year_ago=written(row.entry, name, getattr(year_ago, name, None)),
        is_words=name in WORDS,
        is_copied=name in row.entry.copied,
        missing=_missing(row, form, problems, name),
        warnings=_sentences(odd, name, is_warning=True),
        notes=_notes(row, name),
    )


def _hint(row: Row, name: str) -> str:
    """When a field must be filled; where work items give the percent, its own field is the exception."""
    of_items = ITEM_HINTS.get(name) if asked(row.entry) else None
    return of_items or _HINTS[row.entry.kind].get(name, "可不填")


def _missing(row: Row, form: EntryForm, problems: list[Problem], name: str) -> list[str]:
    """What is needed only now; a field that is always needed says so beside its label."""
    is_always = _hint(row, name) in (_ALWAYS, _UNLESS_NOTHING, _PERCENT) or name.startswith(PREFIX)
    return [] if is_always or form[name].errors else _sentences(problems, name, is_warning=False)


def _sentences(problems: Iterable[Problem], name: str, *, is_warning: bool) -> list[str]:
    return [p.sentence for p in problems if p.field == name and p.is_warning == is_warning]


def _notes(row: Row, name: str) -> list[str]:
    entry = row.entry
    if name == "percent":
        return [_against_schedule(row)]
    said = []
    if name == "denominator" and entry.value is not None:
        said.append(f"算出 {written(entry, 'value', entry.value)}")
    return [*said, *notes_on(entry, name)]


def _against_schedule(row: Row) -> str:
    """The percent against the year's time progress, with the light the plan's thresholds give it."""
    expected = around(row.entry, row.filing.period, row.previous).expected or Decimal(0)
    period, percent = row.filing.period, row.entry.percent
    rule = thresholds_of(period.plan, period.last_day, period.closed_at)
    said = f"本季末序时 {zh.number(plain(expected))}%"
    if percent is None:
        return said
    gap = expected - percent
    light = rule.light(gap)
    where = f"落后 {zh.number(plain(gap))} 个百分点" if gap > 0 else f"快 {zh.number(plain(-gap))} 个百分点"
    return f"{said}，{where if gap else '持平'}，系统测算为“{light.label}”"


def _conditions(sheet: Sheet, row: Row, odd: list[Problem]) -> Iterable[Condition]:
    """What must hold before submission: first this entry's own, then what concerns the whole filing."""
    if sheet.filing.status not in WRITABLE:
        return
    if not sheet.window.is_open:
        yield Condition("err", closed_sentence(sheet.filing.period, sheet.window))
    for problem in row.problems if not row.is_done else []:
        name = problem.field if not problem.is_warning else "explanation"
        yield Condition(
            "err", f"本项：{problem.sentence}", f"#f-{name}" if name else "", "去改" if name else ""
        )
    if odd and row.entry.explanation:
        yield Condition("ok", f"本项 {len(odd)} 处提醒已写说明，审核时可见", "#f-explanation", "查看")
    yield from checklist(sheet, but=row)
