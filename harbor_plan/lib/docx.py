"""Official papers as .docx files, laid out by GB/T 9704-2012.

A4 with 37 mm above, 28 mm left, 26 mm right and 35 mm below, so that the text is 156 × 225 mm; 22 lines of 28
characters in No. 3 FangSong (16 pt), first lines indented by two characters; the title in No. 2 Xiaobiaosong (22 pt)
centred; headings in Hei, subheadings in Kai. Page numbers are No. 4 half-width SongTi between dashes, on the right of
odd and the left of even pages (clauses 5.2, 7.2, 7.3, 7.5).

Fonts are named as the standard and the ministries' template name them; few machines outside offices have them, so the
font table gives what to take instead (`FALLBACKS`), which every reader of the format understands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from unicodedata import east_asian_width

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, Twips
from docx.text.paragraph import Paragraph

FANGSONG, KAI, HEI, TITLE, SONG, LATIN = (
    "仿宋_GB2312",
    "楷体_GB2312",
    "黑体",
    "方正小标宋简体",
    "宋体",
    "Times New Roman",
)

#: What stands in for a font that a machine lacks, in this order.
FALLBACKS = {
    FANGSONG: ("仿宋", "FangSong", "华文仿宋", "Noto Serif CJK SC"),
    KAI: ("楷体", "KaiTi", "华文楷体", "Noto Serif CJK SC"),
    HEI: ("SimHei", "微软雅黑", "Noto Sans CJK SC"),
    TITLE: ("小标宋", "华文中宋", "宋体", "Noto Serif CJK SC"),
    SONG: ("SimSun", "Noto Serif CJK SC"),
}

NO_2, NO_3, NO_4, NO_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
#: 225 mm ÷ 22 lines, and 156 mm ÷ 28 characters less the 16 pt of a character in 1/4096 pt (ISO 29500, docGrid).
LINE_PITCH, CHAR_SPACE = 579, -848
CHARACTER = Pt(16)


@dataclass(frozen=True)
class TableColumn:
    """One column of a table: heading, width in millimetres (all together 156), and how its cells are aligned."""

    title: str
    width: float
    align: str = "left"


_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


class Paper:
    """One paper being written from top to bottom. `mark` stands at the head of every page.

    `subject`, `author` and `at` are what the file says of itself in its properties.
    """

    def __init__(self, *, subject: str, author: str, at: datetime, mark: str = "") -> None:
        self.document = Document()
        about = self.document.core_properties
        about.title, about.author, about.last_modified_by, about.comments = subject, author, author, ""
        about.created = about.modified = at.astimezone(UTC).replace(tzinfo=None)
        self._set_page()
        self._set_styles()
        _set_fallbacks(self.document)
        self._set_page_numbers()
        if mark:
            self._set_mark(mark)

    # The parts of a paper, in their order

    def number(self, text: str) -> None:
        """The issuing number (发文字号), centred above the title."""
        self._add(text, "公文文号")

    def title(self, text: str) -> None:
        self._add(text, "公文标题")

    def addressee(self, text: str) -> None:
        """To whom, flush left, ending in a full-width colon."""
        self._add(f"{text}：", "公文主送")

    def heading(self, text: str) -> None:
        """First level: 一、."""
        self._add(text, "公文一级标题")

    def subheading(self, text: str) -> None:
        """Second level: （一）."""
        self._add(text, "公文二级标题")

    def text(self, text: str) -> None:
        """A paragraph of the body."""
        self._add(text, "公文正文")

    def attachments(self, titles: Sequence[str]) -> None:
        """The list of attachments, one line below the body and two characters in (clause 7.3.4)."""
        self._add("", "公文正文")
        for number, title in enumerate(titles, 1):
            self._add(f"{'附件：' if number == 1 else '　　　'}{number}. {title}", "公文正文")

    def signature(self, office: str, day: str) -> None:
        """Who and when, four characters from the right; the shorter line is centred over the longer (clause 7.3.5)."""
        for _ in range(2):
            self._add("", "公文正文")
        widest = max(_width(office), _width(day))
        for line in (office, day):
            paragraph = self._add(line, "公文落款")
            indent = 4 + (widest - _width(line)) / 2
            paragraph.paragraph_format.right_indent = Pt(16 * indent)

    def attachment(self, number: int, title: str) -> None:
        """Begins an attachment on a new page."""
        self._add(f"附件{number}", "公文附件").paragraph_format.page_break_before = True
        self._add(title, "公文标题")

    def note(self, text: str) -> None:
        """A line below a table."""
        self._add(text, "公文表注")

    def table(self, columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> None:
        """A table whose heading comes again on every page and whose rows are not torn apart."""
        table = self.document.add_table(rows=0, cols=len(columns))
        table.style = self.document.styles["Table Grid"]
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for grid, column in zip(table.columns, columns, strict=True):
            grid.width = Mm(column.width)
        self._row(table, columns, [column.title for column in columns], is_head=True)
        for row in rows:
            self._row(table, columns, row, is_head=False)

    def content(self) -> bytes:
        """The file."""
        file = BytesIO()
        self.document.save(file)
        return file.getvalue()

    # How they are set

    def _add(self, text: str, style: str) -> Paragraph:
        return self.document.add_paragraph(text, style=style)

    def _row(
        self, table: Any, columns: Sequence[TableColumn], cells: Sequence[str], *, is_head: bool
    ) -> None:
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if is_head:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, column, text in zip(row.cells, columns, cells, strict=True):
            cell.width = Mm(column.width)
            paragraph = cell.paragraphs[0]
            paragraph.style = "公文表头" if is_head else "公文表格"
            paragraph.text = text
            paragraph.alignment = _ALIGN["center" if is_head else column.align]

    def _set_page(self) -> None:
        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.header_distance, section.footer_distance = Mm(20), Mm(22)
        grid = section._sectPr.find(qn("w:docGrid"))
        grid.set(qn("w:type"), "linesAndChars")
        grid.set(qn("w:linePitch"), str(LINE_PITCH))
        grid.set(qn("w:charSpace"), str(CHAR_SPACE))

    def _set_styles(self) -> None:
        styles = self.document.styles
        fonts = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        _set_fonts(fonts, FANGSONG)
        fonts.find(qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
        normal = styles["Normal"]
        normal.font.size = NO_3
        _set_fonts(normal.element.get_or_add_rPr(), FANGSONG)
        self._style("公文正文", FANGSONG, indent=2)
        self._style("公文主送", FANGSONG)
        self._style("公文文号", FANGSONG, align="center")
        self._style("公文标题", TITLE, NO_2, align="center", after=LINE_PITCH, exact=False, level=1)
        self._style("公文一级标题", HEI, indent=2, level=2)
        self._style("公文二级标题", KAI, indent=2, level=3)
        self._style("公文落款", FANGSONG, align="right")
        self._style("公文附件", HEI)
        self._style("公文表头", HEI, NO_5, exact=False)
        self._style("公文表格", FANGSONG, NO_5, exact=False)
        self._style("公文表注", FANGSONG, NO_5, exact=False)
        self._style("公文页码", SONG, NO_4, exact=False)

    def _style(
        self,
        name: str,
        font: str,
        size: Any = NO_3,
        *,
        align: str = "left",
        indent: int = 0,
        after: int = 0,
        exact: bool = True,
        level: int = 0,
    ) -> None:
        """One style of paragraphs. `exact` sets the fixed line pitch, `level` its place in the outline."""
        style: Any = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = self.document.styles["Normal"]
        style.font.size = size
        _set_fonts(style.element.get_or_add_rPr(), font)
        set_ = style.paragraph_format
        set_.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if indent else _ALIGN[align]
        set_.space_before, set_.space_after = Pt(0), Twips(after)
        set_.widow_control = False
        if exact:
            set_.line_spacing_rule, set_.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(LINE_PITCH)
        else:
            set_.line_spacing_rule = WD_LINE_SPACING.SINGLE
        properties = style.element.get_or_add_pPr()
        if indent:
            set_.first_line_indent = CHARACTER * indent
            properties.find(qn("w:ind")).set(qn("w:firstLineChars"), str(100 * indent))
        if level:
            outline = OxmlElement("w:outlineLvl")
            outline.set(qn("w:val"), str(level - 1))
            properties.append(outline)

    def _set_page_numbers(self) -> None:
        self.document.settings.odd_and_even_pages_header_footer = True
        section = self.document.sections[0]
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            paragraph = footer.paragraphs[0]
            paragraph.style = "公文页码"
            paragraph.alignment = _ALIGN[side]
            setattr(paragraph.paragraph_format, f"{side}_indent", NO_4)
            paragraph.add_run("— ")
            _add_page_field(paragraph)
            paragraph.add_run(" —")

    def _set_mark(self, mark: str) -> None:
        section = self.document.sections[0]
        for header in (section.header, section.even_page_header):
            paragraph = header.paragraphs[0]
            paragraph.style = "公文页码"
            paragraph.text = mark
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _width(text: str) -> float:
    """How many full-width characters a line takes."""
    return sum(1 if east_asian_width(char) in "WF" else 0.5 for char in text)


def _set_fonts(properties: Any, east_asian: str) -> None:
    """One font for Chinese and one for Latin text, and none from the template's theme."""
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    latin = east_asian if east_asian == SONG else LATIN
    for slot, name in (("ascii", latin), ("hAnsi", latin), ("cs", LATIN), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{slot}"), name)
    properties.insert(0, fonts)


def _add_page_field(paragraph: Paragraph) -> None:
    """The number of the page, as the reader's program counts it."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {text} "
            run._r.append(instruction)


def _set_fallbacks(document: Any) -> None:
    """Name every font in the font table with what to take instead (w:altName)."""
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = parse_xml(part.blob)
    for font in fonts.findall(qn("w:font")):
        if font.get(qn("w:name")) in FALLBACKS:
            fonts.remove(font)
    for name, others in FALLBACKS.items():
        fonts.append(
            parse_xml(
                f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{",".join(others)}"/>'
                '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
            )
        )
    part._blob = serialize_part_xml(fonts)
