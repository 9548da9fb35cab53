"""The tables of a page of ours as values: what is displayed, in the columns it is displayed in. Pure: markup in, rows out.

Only our own templates are read, whose markup closes what it opens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)
#: What is no content: pictures, scripts, and controls with their words.
_SILENT = frozenset(["svg", "script", "style", "template", "select", "button", "textarea", "form", "dialog"])
_CONTROLS = ("button", "input", "select", "textarea", "svg")
_BLOCKS = frozenset(["br", "div", "p", "li", "ul", "ol", "dd", "dt"])


@dataclass
class Node:
    """An element with its attributes and what is in it."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parts: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attrs.get("class", "").split())

    def walk(self) -> Iterator[Node]:
        """Every element below, in the order of the page."""
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.walk()

    def all(self, *tags: str) -> list[Node]:
        """The elements below with one of these tags."""
        return [node for node in self.walk() if node.tag in tags]

    def text(self) -> str:
        """What a reader sees, line by line; where there are no words, those that a screen reader says of pictures too."""
        seen = _tidy(_gather(self, lambda node: "unseen" not in node.classes))
        return seen or _tidy(_gather(self, lambda node: True)) or self._pictured()

    def _pictured(self) -> str:
        """The labels of the symbols that have one; a bar only draws the numbers beside it."""
        symbols = (
            node for node in self.all("svg") if node.attrs.get("role") == "img" and "bar" not in node.classes
        )
        labels = (node.attrs.get("aria-label", "") for node in symbols)
        return "\n".join(label for label in labels if label)


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and whether the page sets it as a number.

    `is_aside` where the page shows no words: a control or a drawing stands there, or a heading that only a screen
    reader says.
    """

    text: str
    is_number: bool = False
    is_aside: bool = False


@dataclass(frozen=True)
class Table:
    """One table: the heading above it, its columns' headings, and its rows, each as long as the headings."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class PageTables:
    """What a page shows: its title, the sentence below, the filter in force in words, its tables, and if more pages follow.

    `is_demo` tells that the page is marked as demonstration data; `notices` are the sentences that say of which day it is.
    """

    title: str
    lede: str
    filters: str
    tables: list[Table]
    has_next: bool
    is_demo: bool = False
    notices: tuple[str, ...] = ()


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def tables_of(html: str) -> PageTables:
    """The tables in the main part of a page."""
    tree = _Tree()
    tree.feed(html)
    main = next((node for node in tree.root.walk() if node.attrs.get("id") == "main"), tree.root)
    ledes = [node.text() for node in main.walk() if "lede" in node.classes]
    return PageTables(
        title=next((node.text() for node in main.all("h1")), ""),
        lede=ledes[0].replace("\n", " ") if ledes else "",
        filters=_filters(main),
        tables=list(_tables(main)),
        has_next=any(node.attrs.get("rel") == "next" for node in main.all("a")),
        notices=tuple(n.text().replace("\n", " ") for n in main.walk() if "data-which-day" in n.attrs),
        is_demo=any("demo" in node.classes and node.attrs.get("role") == "note" for node in tree.root.walk()),
    )


def _tables(parent: Node, caption: str = "") -> Generator[Table, None, str]:
    """The tables below, each with the last heading before it; a section's heading ends with it. Returns the last heading."""
    for node in parent.parts:
        if isinstance(node, str):
            continue
        if node.tag in ("h2", "h3"):
            caption = node.text()
        elif node.tag == "table":
            table = _table(node, caption)
            if table.rows and "phone-only" not in node.classes:
                yield table
        else:
            last = yield from _tables(node, caption)
            caption = caption if node.tag == "section" else last
    return caption


def _filters(main: Node) -> str:
    """The filters that are set: chosen segments, chosen options and typed words; what stands at 全部 says nothing."""
    said = [
        link.text()
        for group in main.walk()
        if "seg" in group.classes
        for link in group.all("a")
        if link.attrs.get("aria-current") == "true"
    ]
    for form in main.all("form"):
        if form.attrs.get("method", "get").lower() == "get":
            for control in form.walk():
                if control.tag == "select":
                    said += [
                        o.text()
                        for o in control.all("option")
                        if "selected" in o.attrs and o.attrs.get("value")
                    ]
                elif control.tag == "input" and control.attrs.get("type", "text") in (
                    "text",
                    "search",
                    "date",
                ):
                    said += [f"“{control.attrs['value']}”"] if control.attrs.get("value") else []
    return "，".join(dict.fromkeys(words for words in said if words and not words.startswith("全部")))


def _table(table: Node, caption: str) -> Table:
    heads: list[list[Cell]] = []
    rows: list[list[Cell]] = []
    for group in table.parts:
        if isinstance(group, Node):
            lines = _grid(
                [row for row in [group, *group.walk()] if row.tag == "tr"], is_head=group.tag == "thead"
            )
            (heads if group.tag == "thead" else rows).extend(lines)
    width = max((len(row) for row in [*heads, *rows]), default=0)
    titles = [
        " ".join(dict.fromkeys(row[no].text for row in heads if no < len(row) and row[no].text))
        for no in range(width)
    ]
    full = [row + [Cell("")] * (width - len(row)) for row in rows]
    kept = [
        no for no in range(width) if any(row[no].text for row in full) or _is_empty_column(no, heads, full)
    ]
    return Table(
        caption, [titles[no].replace("\n", " ") for no in kept], [[row[no] for no in kept] for row in full]
    )


def _is_empty_column(no: int, heads: list[list[Cell]], rows: list[list[Cell]]) -> bool:
    """Whether a column stands on the page with its heading and happens to be empty; one of controls or drawings is no column."""
    title = next((row[no] for row in heads if no < len(row) and row[no].text), None)
    return title is not None and not title.is_aside and not any(row[no].is_aside for row in rows)


def _cell(node: Node) -> Cell:
    """What a cell says: where pictures speak, the page gives their words in `data-said`."""
    text = node.attrs.get("data-said") or node.text()
    seen = _tidy(_gather(node, lambda part: "unseen" not in part.classes))
    is_aside = not seen if node.tag == "th" else not text and bool(node.all(*_CONTROLS))
    return Cell(text, "num" in node.classes, is_aside)


def _grid(rows: list[Node], *, is_head: bool) -> list[list[Cell]]:
    """Rows of cells of equal meaning: a cell over several columns or rows stands in the first; headings in each."""
    below: dict[int, tuple[int, Cell]] = {}
    grid = []
    for row in rows:
        line: list[Cell] = []
        for node in (part for part in row.parts if isinstance(part, Node) and part.tag in ("td", "th")):
            line += _reached_down(line, below)
            cell = _cell(node)
            repeated = cell if is_head else Cell("")
            for no in range(_span(node, "colspan")):
                if _span(node, "rowspan") > 1:
                    below[len(line)] = (_span(node, "rowspan") - 1, repeated)
                line.append(cell if no == 0 else repeated)
        line += _reached_down(line, below)
        grid.append(line)
    return grid


def _reached_down(line: list[Cell], below: dict[int, tuple[int, Cell]]) -> list[Cell]:
    """The cells at the end of this line that a cell of an earlier row covers."""
    added: list[Cell] = []
    while (at := len(line) + len(added)) in below:
        left, cell = below.pop(at)
        if left > 1:
            below[at] = (left - 1, cell)
        added.append(cell)
    return added


def _span(node: Node, name: str) -> int:
    value = node.attrs.get(name, "1")
    return min(int(value), 1000) if value.isdecimal() and value != "0" else 1


def _gather(node: Node, wanted: Callable[[Node], bool]) -> str:
    """The words of the parts wanted; two elements side by side stand apart, as on the page, but for a unit of a number."""
    words, was_element = [], False
    for part in node.parts:
        if isinstance(part, str):
            words.append(re.sub(r"[ \n\r\t]+", " ", part))
        elif part.tag not in _SILENT and wanted(part):
            edge = "\n" if part.tag in _BLOCKS else " " if was_element and "unit" not in part.classes else ""
            words.append(f"{edge}{_gather(part, wanted)}{edge if edge.strip(' ') else ''}")
        was_element = not isinstance(part, str)
    return "".join(words)


def _tidy(text: str) -> str:
    lines = (re.sub(" +", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
