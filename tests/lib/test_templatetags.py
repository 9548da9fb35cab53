"""What the parts of a page promise: the right class, the right word, everything escaped."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import SafeString

from harbor_plan.lib.templatetags import harbor
from targets.terms import Standing

ALERT = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


def render(source: str, **context: Any) -> str:
    return Template("{% load harbor %}" + source).render(Context(context))


# Lights


@pytest.mark.parametrize(
    ("standing", "css", "word"),
    [
        ("done", "done", "已完成"),
        ("on_track", "ok", "正常"),
        ("behind", "slow", "滞后"),
        ("late", "late", "严重滞后"),
        ("unknown", "none", "无法判断"),
        (None, "none", "无法判断"),
    ],
)
def test_a_light_is_colour_shape_and_word(standing, css, word):
    assert render("{% light standing %}", standing=standing) == (
        f'<span class="light l-{css}"><svg class="g" aria-hidden="true"><use href="#g-{css}"/></svg>{word}</span>'
    )


def test_lights_use_the_words_of_the_arithmetic():
    assert {key: word for key, (_, word) in harbor.LIGHTS.items()} == dict(Standing.choices)


def test_a_light_takes_another_word_a_size_and_a_count():
    assert render('{% light "late" "逾期" big=True count=3 %}') == (
        '<span class="light l-late big"><svg class="g" aria-hidden="true"><use href="#g-late"/></svg>逾期 3</span>'
    )


def test_a_light_without_its_word_still_says_it():
    assert render('{% light "behind" word=False count=9 %}') == (
        '<span class="light l-slow" title="滞后"><svg class="g" role="img" aria-label="滞后">'
        '<use href="#g-slow"/></svg>9</span>'
    )


def test_a_member_of_the_enumeration_will_do():
    assert "l-ok" in render("{% light standing %}", standing=Standing.ON_TRACK)


def test_an_unknown_standing_is_an_error_and_not_a_colour():
    with pytest.raises(ValueError, match="'green' is no standing"):
        harbor.light("green")


def test_labels_are_escaped():
    for source in (
        '{% light "late" bad %}',
        '{% light "late" bad word=False %}',
        '{% heat "late" bad %}',
        '{% state "draft" bad %}',
        "{% bar 1 2 'late' bad %}",
        '{% crumbs bad "/x" bad %}',
        "{% icon bad %}",
        "{{ bad|emph }}",
        "{{ bad|unit:'家' }}",
        "{{ '1'|unit:bad }}",
    ):
        page = render(source, bad=ALERT)
        assert ALERT not in page, source
        assert ESCAPED in page, source


def test_a_heat_cell_says_its_quarter_and_word():
    assert render('{% heat "unknown" "2020年第3季度 待下达" %}') == (
        '<span class="heat h-none" title="2020年第3季度 待下达"><svg role="img" aria-label="2020年第3季度 待下达">'
        '<use href="#g-none"/></svg></span>'
    )


def test_a_tally_names_all_five_in_order_also_those_at_zero():
    page = render("{% tally counts %}", counts={"late": 3, "done": 9})
    words = [part.split("</span>")[0].split("</svg>")[1] for part in page.split('class="light')[1:]]
    assert words == ["已完成 9", "正常 0", "滞后 0", "严重滞后 3", "无法判断 0"]


# States


@pytest.mark.parametrize(
    ("key", "css", "word"),
    [
        ("todo", "todo", "未填"),
        ("draft", "draft", "填报中"),
        ("sign", "sign", "待签发"),
        ("sent", "sent", "已报待审"),
        ("accepted", "accepted", "已采纳"),
        ("back", "back", "被退回"),
        ("over", "over", "逾期未报"),
        ("awaiting_signoff", "sign", "待签发"),
        ("submitted", "sent", "已报待审"),
        ("returned", "back", "已退回"),
        ("sent_back", "back", "签发退回"),
    ],
)
def test_a_state_has_its_symbol_and_word(key, css, word):
    assert render("{% state key %}", key=key) == (
        f'<span class="st st-{css}"><svg class="g" aria-hidden="true"><use href="#s-{css}"/></svg>{word}</span>'
    )


def test_an_unknown_state_is_an_error():
    with pytest.raises(ValueError, match="'lost' is no state"):
        harbor.state("lost")


# Bars


def test_a_bar_puts_its_geometry_into_attributes():
    assert render("{% bar value marker 'behind' %}", value=Decimal("84.25"), marker=Decimal("95")) == (
        '<svg class="bar" role="img" aria-label="完成84.3%，时间进度95.0%">'
        '<rect class="track" width="100%" height="100%"/>'
        '<rect class="fill f-slow" width="84.25%" height="100%"/>'
        '<rect class="mark" x="95%" y="-30%" width="1.5" height="160%"/></svg>'
    )


@pytest.mark.parametrize(
    ("value", "width"),
    [(Decimal("113"), "100%"), (Decimal("-33"), "0%"), (100, "100%"), (Decimal("1E+1"), "10%")],
)
def test_a_bar_stays_within_its_track(value, width):
    assert f'class="fill f-ok" width="{width}"' in harbor.bar(value, None, "on_track")


def test_what_cannot_be_computed_has_an_open_track_and_no_fill():
    assert harbor.bar(None, 50, "unknown") == (
        '<svg class="bar" role="img" aria-label="完成比例无法计算，时间进度50.0%">'
        '<rect class="open" width="100%" height="100%"/>'
        '<rect class="mark" x="50%" y="-30%" width="1.5" height="160%"/></svg>'
    )


# Numbers


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("1860.5"), None, "1\u202f860.5"),
        (Decimal("1234567.891"), 2, "1\u202f234\u202f567.89"),
        (Decimal("999"), None, "999"),
        (Decimal("0"), 1, "0.0"),
        (Decimal("-0.35"), 2, "−0.35"),
        (Decimal("-0.04"), 1, "0.0"),
        (Decimal("38.45"), 1, "38.5"),
        (Decimal("38.40"), None, "38.40"),
        (Decimal("1E+3"), None, "1\u202f000"),
        (Decimal("1860.5"), 0, "1\u202f861"),
        (44, None, "44"),
        ("12.30", 1, "12.3"),
        (None, 1, "—"),
        ("", None, "—"),
    ],
)
def test_num(value, places, text):
    assert harbor.num(value, places) == text


def test_numbers_are_decimal_and_never_float():
    with pytest.raises(TypeError, match=r"0\.1 is no Decimal"):
        harbor.num(0.1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("2.8"), "+2.8"), (Decimal("-2.8"), "−2.8"), (0, "0.0"), (Decimal("0.04"), "0.0")],
)
def test_signed(value, text):
    assert harbor.signed(value, 1) == text


def test_a_unit_stands_after_the_number_and_never_after_a_dash():
    assert render("{{ v|num:1|unit:u }}", v=Decimal("38.41"), u="微克/立方米") == (
        '38.4<span class="unit">微克/立方米</span>'
    )
    assert render("{{ v|num:1|unit:u }}", v=None, u="公里") == "—"
    assert render("{{ v|unit:u }}", v=None, u="公里") == "—"
    assert render("{{ v|num|unit:u }}", v=3, u="") == "3"


def test_percentages_and_percentage_points():
    assert render("{{ v|pct }}", v=Decimal("84.15")) == '84.2<span class="unit">%</span>'
    assert render("{{ v|pct:0 }}", v=100) == '100<span class="unit">%</span>'
    assert render("{{ v|pp }}", v=Decimal("-8.3")) == '−8.3<span class="unit">个百分点</span>'
    assert render("{{ v|pct }}{{ v|pp }}", v=None) == "——"


# Dates


def test_dates_and_times_are_written_in_full_or_without_the_year():
    due = date(2020, 12, 31)
    assert render("{{ d|zh_date }}", d=due) == "2020年12月31日"
    assert render("{{ d|zh_date:'short' }}", d=date(2021, 1, 5)) == "1月5日"
    assert render("{{ d|zh_date:'week' }}", d=due) == "12月31日 周四"
    assert render("{{ d|zh_date }}{{ d|zh_date:'week' }}{{ d|zh_time }}", d=None) == "———"


def test_moments_are_shown_on_the_districts_clock():
    at = datetime(2021, 1, 4, 17, 30, tzinfo=UTC)
    assert render("{{ at|zh_time }}", at=at) == "2021年1月5日 01:30"
    assert render("{{ at|zh_time:'short' }}", at=at) == "1月5日 01:30"
    assert render("{{ at|zh_date }}", at=at) == "2021年1月5日"


def test_quarters_have_three_forms():
    period = SimpleNamespace(year=2020, quarter=4)
    assert [harbor.zh_quarter(period, form) for form in ("full", "plain", "short")] == [
        "2020年第4季度",
        "2020年四季度",
        "四季度",
    ]
    assert harbor.zh_quarter(None) == "—"
    with pytest.raises(ValueError, match="5 is no quarter"):
        harbor.zh_quarter(SimpleNamespace(year=2020, quarter=5))


@pytest.mark.parametrize(
    ("value", "text"), [(0, "零"), (1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (48, "四十八")]
)
def test_numerals(value, text):
    assert harbor.zh_numeral(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(minutes=15), "15 分钟"),
        (timedelta(hours=2), "2 小时"),
        (timedelta(days=3), "3 天"),
        (timedelta(minutes=90), "90 分钟"),
        (timedelta(seconds=61), "2 分钟"),
        (None, "—"),
    ],
)
def test_durations(value, text):
    assert harbor.zh_duration(value) == text


def test_emph_strengthens_what_is_marked_and_escapes_the_rest():
    text = harbor.emph("应报 **31** 家，<b>已报</b> **26** 家，2 * 3 ** 未闭合")
    assert text == "应报 <b>31</b> 家，&lt;b&gt;已报&lt;/b&gt; <b>26</b> 家，2 * 3 ** 未闭合"
    assert isinstance(text, SafeString)


# Navigation


def test_crumbs_begin_at_home_and_end_at_the_page_itself():
    page = render('{% crumbs "目标指标" "/indicators/" "浓度" %}')
    assert page.count("<li>") == 3
    assert '<li><a href="/">首页</a></li><li><a href="/indicators/">目标指标</a></li>' in page
    assert '<li><span aria-current="page">浓度</span></li>' in page


def test_crumbs_refuse_a_label_without_its_address():
    with pytest.raises(ValueError, match="take turns"):
        harbor.crumbs("目标指标", "/indicators/")


def test_the_pager_counts_and_keeps_the_query():
    page = Paginator(range(48), 20).page(2)
    text = render("{% pager page '家' %}", page=page, request=RequestFactory().get("/?q=%E5%8E%82&page=2"))
    assert "第 21—40 家，共 48 家" in text
    assert '<a href="?q=%E5%8E%82&amp;page=2" aria-current="page">2</a>' in text
    assert '<a href="?q=%E5%8E%82&amp;page=1" rel="prev">上一页</a>' in text
    assert '<a href="?q=%E5%8E%82&amp;page=3" rel="next">下一页</a>' in text


def test_one_page_needs_no_navigation():
    page = Paginator(range(3), 20).page(1)
    text = render("{% pager page %}", page=page, request=RequestFactory().get("/"))
    assert "第 1—3 项，共 3 项" in text
    assert "<nav" not in text


# Fields


class Sample(forms.Form):
    note = forms.CharField(label="说明", help_text="不超过 200 字", widget=forms.Textarea)
    code = forms.ChoiceField(label="原因", choices=[("R01", "R01 内容空洞")], required=False)
    sure = forms.BooleanField(label="已核对", required=False)
    verdict = forms.ChoiceField(
        label="意见", choices=[("a", "采纳"), ("r", "退回")], widget=forms.RadioSelect
    )
    rating = forms.ChoiceField(label="自评亮灯", choices=Standing.choices[:4], widget=forms.RadioSelect)


def test_a_required_field_says_so_and_names_its_help():
    page = render("{% field form.note %}", form=Sample())
    assert '<label class="form-label" for="id_note">说明<span class="opt">必填</span></label>' in page
    assert 'class="form-control"' in page
    assert 'aria-describedby="id_note_helptext"' in page
    assert '<div class="msg msg-none" id="id_note_helptext"><span>不超过 200 字</span></div>' in page


def test_an_error_stands_under_its_field_and_is_announced():
    page = render("{% field form.note hint='' %}", form=Sample({"note": ""}))
    assert "必填</span>" not in page
    assert 'class="form-control is-err"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_note_helptext id_note_error"' in page
    assert '<div id="id_note_error"><div class="msg msg-err">' in page


def test_what_was_typed_stays_and_is_escaped():
    page = render("{% field form.note %}", form=Sample({"note": ALERT}))
    assert ESCAPED in page
    assert ALERT not in page


def test_a_warning_is_not_an_error():
    page = render("{% field form.note warning='比上季减少 1，须说明' %}", form=Sample())
    assert '<div class="msg msg-warn">' in page
    assert "比上季减少 1，须说明" in page
    assert "is-err" not in page


def test_selects_and_check_boxes_have_their_own_look():
    assert 'class="form-select form-select-sm"' in render("{% field form.code size='sm' %}", form=Sample())
    page = render("{% field form.sure %}", form=Sample())
    assert 'class="form-check-input"' in page
    assert '<label class="form-check-label" for="id_sure">已核对</label>' in page


def test_a_group_is_a_fieldset_with_a_legend():
    page = render("{% field form.verdict %}", form=Sample({"verdict": "r"}))
    assert '<legend class="form-label">意见<span class="opt">必填</span></legend>' in page
    assert (
        '<input class="form-check-input" type="radio" name="verdict" value="r" id="id_verdict_1" checked>'
        '<label class="form-check-label" for="id_verdict_1">退回</label>'
    ) in page


def test_a_control_alone_is_read_aloud_by_its_label():
    page = render("{% control form.note label='甲 本季累计' size='sm' css='num-in' %}", form=Sample())
    assert 'aria-label="甲 本季累计"' in page
    assert 'class="form-control form-control-sm num-in"' in page


def test_lights_are_picked_by_their_lights():
    page = render("{% lights_pick form.rating %}", form=Sample({"rating": "behind"}))
    assert page.count('type="radio"') == 4
    assert (
        '<input type="radio" name="rating" value="behind" id="id_rating_2" checked>'
        '<label class="p-slow" for="id_rating_2"><span class="light l-slow">'
    ) in page


# Partials


def test_an_explanation_shows_formula_and_sources():
    explain = {
        "equations": ["差距 = 38.41 − 38 = **0.41**"],
        "facts": [{"term": "报送", "text": "某局 2020年第3季度", "url": "/filings/1/", "more": "，第2版"}],
    }
    page = render("{% include 'partials/explain.html' %}", explain=explain)
    assert "<h3>这个数怎么来的</h3>" in page
    assert '<p class="eq">差距 = 38.41 − 38 = <b>0.41</b></p>' in page
    assert '<dt>报送</dt><dd><a href="/filings/1/">某局 2020年第3季度</a>，第2版</dd>' in page


def test_a_chart_carries_its_figure_as_data_and_cannot_break_out_of_it():
    page = render(
        "{% include 'partials/chart.html' with id='f1' label='走势' %}", figure={"data": ["</script>"]}
    )
    assert 'role="img" aria-label="走势" data-figure="f1"' in page
    assert '<script id="f1" type="application/json">' in page
    assert page.count("</script>") == 1


@pytest.mark.parametrize(
    ("level", "css"), [("error", "notice late"), ("warning", "notice slow"), ("success", "notice")]
)
def test_messages_have_the_colour_of_their_level(level, css):
    page = render("{% include 'partials/notice.html' %}", level=level, text=ALERT)
    assert f'<div class="{css}" role="' in page
    assert ESCAPED in page
