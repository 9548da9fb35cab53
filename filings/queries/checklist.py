"""What stands between a filing and its signature, and what the person who signs should look at. One list for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from filings.labels import label
from filings.queries.rows import Row, Sheet
from filings.rules import WRITABLE
from filings.terms import EntryKind


@dataclass(frozen=True)
class Condition:
    """One line: tone ok, warn or err; err blocks submission. `rows` are the entries it is about, each with `remarks`."""

    tone: str
    sentence: str
    url: str = ""
    link: str = ""
    rows: list[Row] = field(default_factory=list)
    remarks: dict[int, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[Row, str]]:
        """Each entry with what is to say about it; what stands in its way unless said otherwise."""
        return [(row, self.remarks.get(row.entry.pk, row.remark)) for row in self.rows]


def checklist(sheet: Sheet, *, but: Row | None = None) -> Iterator[Condition]:
    """Missing, returned and unexplained entries; then what may stand: no evidence, copied text, nobody to sign.

    `but` is the entry on screen, whose own problems are said in full elsewhere.
    """
    others = [row for row in sheet.rows if not but or row.entry.pk != but.entry.pk]
    left = [row for row in others if not row.is_done]
    odd = [row for row in left if not row.is_returned and all(p.is_warning for p in row.problems)]
    missing = [row for row in left if row not in odd]
    more = "另有" if but and not but.is_done else "还有"
    if missing:
        returned = sum(row.is_returned for row in missing)
        tail = f"，其中 {returned} 项被退回" if returned else ""
        yield Condition("err", f"{more} {len(missing)} 项未填齐{tail}", rows=missing)
    if odd:
        yield Condition("err", f"{more} {len(odd)} 项有提醒，须改正或写明说明", rows=odd)
    if sheet.left == 0:
        yield Condition("ok", f"{len(sheet.rows)} 项均已填齐")
    yield from _worth_a_look(sheet)
    if not sheet.approvers and sheet.filing.status in WRITABLE:
        yield Condition(
            "warn", f"{sheet.filing.department}还没有签发人账号，提交后无人签发，请联系系统管理员"
        )


def _worth_a_look(sheet: Sheet) -> Iterator[Condition]:
    """What blocks nothing, and what the office will ask about."""
    explained = [row for row in sheet.rows if row.entry.explanation]
    if explained:
        words = {row.entry.pk: f"说明：{row.entry.explanation}" for row in explained}
        yield Condition("ok", f"{len(explained)} 项写了提醒说明，审核时可见", rows=explained, remarks=words)
    bare = [row for row in sheet.rows if _is_unproved(row)]
    proved = any(_is_claim(row) for row in sheet.rows)
    if bare:
        words = {row.entry.pk: "没有佐证材料" for row in bare}
        yield Condition("warn", f"{len(bare)} 项填了完成比例而没有佐证材料", rows=bare, remarks=words)
    elif proved:
        yield Condition("ok", "填了完成比例的项均有佐证材料")
    copied = [row for row in sheet.rows if row.entry.copied]
    if copied:
        words = {
            row.entry.pk: "、".join(label(row.entry, name) for name in row.entry.copied) for row in copied
        }
        yield Condition("warn", f"{len(copied)} 项有沿用上季未改的文字", rows=copied, remarks=words)
    nothing = [row for row in sheet.rows if row.entry.nothing_reason]
    if nothing:
        words = {row.entry.pk: row.entry.nothing_reason for row in nothing}
        yield Condition("ok", f"{len(nothing)} 项填了本季无工作", rows=nothing, remarks=words)


def _is_claim(row: Row) -> bool:
    """Something was achieved this year."""
    return row.entry.kind == EntryKind.PROGRESS and bool(row.entry.percent)


def _is_unproved(row: Row) -> bool:
    """Something was achieved and nothing shows it."""
    return _is_claim(row) and not row.entry.files
