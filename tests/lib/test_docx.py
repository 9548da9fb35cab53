"""Official papers as .docx: the measures are those of GB/T 9704-2012."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from harbor_plan.lib.docx import FALLBACKS, Paper, TableColumn

AT = datetime(2020, 10, 23, 8, 0, tzinfo=UTC)


def write(mark=""):
    paper = Paper(subject="关于进展的通报", author="某办", at=AT, mark=mark)
    paper.number("（机关代字）〔2020〕（序号）号")
    paper.title("关于进展的通报")
    paper.addressee("（主送机关）")
    paper.text("正文第一段。")
    paper.heading("一、总体情况")
    paper.subheading("（一）报送情况")
    paper.attachments(["报送情况", "任务清单"])
    paper.signature("某某办公室", "2020年10月23日")
    paper.attachment(1, "报送情况")
    paper.table([TableColumn("单位", 100), TableColumn("应报", 56, "right")], [["甲局", "3"], ["乙局", "4"]])
    paper.note("合计7项。")
    return paper.content()


@pytest.fixture(scope="module")
def content():
    return write()


@pytest.fixture(scope="module")
def paper(content):
    return Document(BytesIO(content))


@pytest.fixture(scope="module")
def paragraphs(paper):
    return {paragraph.text: paragraph for paragraph in paper.paragraphs}


def millimetres(length):
    return round(length.mm, 1)


def fonts_of(style):
    """East Asian and Latin font of a style."""
    fonts = style.element.rPr.find(qn("w:rFonts"))
    return fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))


def test_the_page_is_a4_with_the_standards_margins(paper):
    (section,) = paper.sections
    assert (millimetres(section.page_width), millimetres(section.page_height)) == (210, 297)
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [millimetres(margin) for margin in margins] == [37, 28, 26, 35]


def test_a_page_holds_22_lines_of_28_characters(paper):
    section = paper.sections[0]
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert grid.get(qn("w:type")) == "linesAndChars"
    height = (section.page_height - section.top_margin - section.bottom_margin) / Pt(1)
    width = (section.page_width - section.left_margin - section.right_margin) / Pt(1)
    assert int(height / pitch) == 22
    assert round(width / character, 2) == 28.0
    assert 28.95 <= pitch <= 29


def test_the_body_is_no_3_fangsong_indented_by_two_characters(paragraphs):
    style = paragraphs["正文第一段。"].style
    assert fonts_of(style) == ("仿宋_GB2312", "Times New Roman")
    assert style.font.size == Pt(16)
    assert style.paragraph_format.first_line_indent == Pt(32)
    assert style.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert style.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    assert style.paragraph_format.line_spacing == Pt(28.95)
    assert (style.paragraph_format.space_before, style.paragraph_format.space_after) == (0, 0)


def test_the_title_is_no_2_xiaobiaosong_centred(paragraphs):
    style = paragraphs["关于进展的通报"].style
    assert fonts_of(style)[0] == "方正小标宋简体"
    assert style.font.size == Pt(22)
    assert style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER


def test_headings_are_hei_and_kai_in_no_3(paragraphs):
    for text, font in (("一、总体情况", "黑体"), ("（一）报送情况", "楷体_GB2312")):
        style = paragraphs[text].style
        assert (fonts_of(style)[0], style.font.size) == (font, Pt(16))
        assert style.paragraph_format.first_line_indent == Pt(32)


def test_headings_make_an_outline(paragraphs):
    levels = [
        paragraphs[text].style.element.pPr.find(qn("w:outlineLvl")).get(qn("w:val"))
        for text in ("关于进展的通报", "一、总体情况", "（一）报送情况")
    ]
    assert levels == ["0", "1", "2"]


def test_the_addressee_is_flush_left_with_a_full_width_colon(paragraphs):
    addressee = paragraphs["（主送机关）："]
    assert addressee.style.paragraph_format.first_line_indent is None


def test_attachments_are_listed_a_line_below_the_body_two_characters_in(paper, paragraphs):
    texts = [paragraph.text for paragraph in paper.paragraphs]
    first = texts.index("附件：1. 报送情况")
    assert texts[first - 1] == ""
    assert texts[first + 1] == "　　　2. 任务清单"
    assert paragraphs["附件：1. 报送情况"].style.paragraph_format.first_line_indent == Pt(32)


def test_the_date_stands_four_characters_from_the_right_with_the_office_centred_over_it(paragraphs):
    day, office = paragraphs["2020年10月23日"], paragraphs["某某办公室"]
    assert day.paragraph_format.right_indent == Pt(4 * 16)
    # the date takes 3 full and 8 half characters, the office 5
    assert office.paragraph_format.right_indent == Pt((4 + (7 - 5) / 2) * 16)
    assert day.style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.RIGHT


def test_an_attachment_begins_a_page(paragraphs):
    assert paragraphs["附件1"].paragraph_format.page_break_before
    assert fonts_of(paragraphs["附件1"].style)[0] == "黑体"


def test_the_heading_of_a_table_comes_again_on_every_page(paper):
    (table,) = paper.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["单位", "应报"], ["甲局", "3"], ["乙局", "4"],
    ]  # fmt: skip
    repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert repeated == [True, False, False]
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_a_table_is_as_wide_as_the_text(paper):
    (table,) = paper.tables
    assert [millimetres(column.width) for column in table.columns] == [100, 56]
    assert sum(cell.width for cell in table.rows[1].cells) == pytest.approx(Mm(156), abs=Mm(0.1))
    assert table.rows[1].cells[1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT


def test_page_numbers_are_no_4_between_dashes_outside(paper):
    section = paper.sections[0]
    assert paper.settings.odd_and_even_pages_header_footer
    for footer, side, alignment in (
        (section.footer, "right_indent", WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, "left_indent", WD_ALIGN_PARAGRAPH.LEFT),
    ):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "— 1 —"
        assert [node.text for node in paragraph._p.iter(qn("w:instrText"))] == [" PAGE "]
        assert paragraph.alignment == alignment
        assert getattr(paragraph.paragraph_format, side) == Pt(14)
        assert (fonts_of(paragraph.style), paragraph.style.font.size) == (("宋体", "宋体"), Pt(14))


def test_a_mark_stands_on_every_page():
    section = Document(BytesIO(write(mark="演示数据"))).sections[0]
    assert [header.paragraphs[0].text for header in (section.header, section.even_page_header)] == [
        "演示数据"
    ] * 2


def test_without_a_mark_the_head_is_empty(paper):
    assert not paper.sections[0].header.paragraphs[0].text


def test_every_font_says_what_to_take_instead(content):
    with zipfile.ZipFile(BytesIO(content)) as packed:
        table = parse_xml(packed.read("word/fontTable.xml"))
    others = {
        font.get(qn("w:name")): font.find(qn("w:altName")).get(qn("w:val")).split(",")
        for font in table.findall(qn("w:font"))
        if font.find(qn("w:altName")) is not None
    }
    for name, expected in FALLBACKS.items():
        assert others[name] == list(expected)


def test_no_font_comes_from_the_templates_theme(content):
    with zipfile.ZipFile(BytesIO(content)) as packed:
        styles = parse_xml(packed.read("word/styles.xml"))
    used = [s for s in styles.findall(qn("w:style")) if s.get(qn("w:styleId")).startswith(("公文", "Normal"))]
    assert len(used) >= 12
    assert not [f for style in used for f in style.iter(qn("w:rFonts")) if f.get(qn("w:eastAsiaTheme"))]


def test_the_file_says_what_it_is(paper):
    about = paper.core_properties
    assert (about.title, about.author, about.last_modified_by) == ("关于进展的通报", "某办", "某办")
    assert about.created == AT
