"""Input to values: what is understood, what is refused with which sentence, and that nothing typed is lost."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.http import QueryDict

from filings.forms.entry import EntryForm, SendBackForm, SubmitForm, VersionForm, read_date, read_number
from filings.terms import ValueState
from tests import factories as f
from tests.filings.scene import Scene


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("85", "", "85"),
        ("８５％", "%", "85"),
        ("85 %", "%", "85"),
        ("85。5", "", "85.5"),
        ("８５．５", "", "85.5"),
        ("1,234.5", "", "1234.5"),
        ("１，２３４", "", "1234"),
        ("1 860.5", "", "1860.5"),
        ("−3", "", "-3"),
        ("－3", "", "-3"),
        ("+2", "", "2"),
        ("0", "", "0"),
        ("32千米", "千米", "32"),
        ("12 mg/m³", "mg/m³", "12"),
    ],
)
def test_numbers_as_people_type_them(text: str, unit: str, number: str) -> None:
    assert read_number(text, unit) == D(number)


@pytest.mark.parametrize(
    "text",
    ["八十五", "85左右", "1,23", "1.2.3", "1e5", "NaN", "Infinity", "-", "85家", "=1+1", "８５.", "٣a"],
)
def test_text_that_is_no_number_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        read_number(text)
    assert str(refusal.value) == f"“{text}”不是数。请只填数字，例如 85 或 85.5。"


def test_a_percent_sign_on_a_length_is_refused() -> None:
    with pytest.raises(ValueError) as refusal:
        read_number("85%", "千米")
    assert str(refusal.value) == "“85%”带了百分号，本项单位是千米，请核对后只填数。"


@pytest.mark.parametrize(
    "text", ["2021-03-20", "2021/3/20", "2021.3.20", "2021年3月20日", "２０２１－０３－２０"]
)
def test_days_as_people_type_them(text: str) -> None:
    assert read_date(text) == date(2021, 3, 20)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("明年三月", "“明年三月”不是日期。请按年-月-日填写，例如 2021-03-20。"),
        ("2021-02-30", "“2021-02-30”没有这一天，请核对月和日。"),
        ("0021-03-20", "“0021-03-20”的年份不对，请核对。"),
    ],
)
def test_text_that_is_no_day_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        read_date(text)
    assert str(refusal.value) == sentence


def test_a_progress_form_gives_typed_values(scene: Scene) -> None:
    form = EntryForm(
        {
            "percent": "６１.７％",
            "self_light": "behind",
            "pace": "delayed",
            "text": "  第一行\r\n第二行 ",
            "next_on": "2020年9月30日",
        },
        entry=scene.progress,
    )
    values, unparsed = form.outcome()
    assert unparsed == {}
    assert values == {
        "percent": D("61.7"),
        "percent_reason": "",
        "self_light": "behind",
        "pace": "delayed",
        "text": "第一行\n第二行",
        "nothing_reason": "",
        "problems": "",
        "cause": "",
        "coordination": "",
        "next_steps": "",
        "next_on": date(2020, 9, 30),
        "explanation": "",
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"percent": "120"}, "须在 0 至 100 之间，填的是 120，请改正。"),
        ({"percent": "-0.5"}, "须在 0 至 100 之间，填的是 -0.5，请改正。"),
        ({"percent": "33.333"}, "最多填 2 位小数，请四舍五入后填写。"),
        ({"self_light": "purple"}, "没有这个选项，请重新选择。"),
        ({"self_light": "unknown"}, "没有这个选项，请重新选择。"),
        ({"pace": "fast"}, "没有这个选项，请重新选择。"),
        ({"percent_reason": "字" * 301}, "最多 300 字，现有 301 字，请压缩。"),
        ({"text": "字" * 5001}, "最多 5000 字，现有 5001 字，请压缩。"),
        ({"next_on": "下月"}, "“下月”不是日期。请按年-月-日填写，例如 2021-03-20。"),
    ],
)
def test_what_cannot_be_read_is_handed_on_as_typed(
    scene: Scene, typed: dict[str, str], sentence: str
) -> None:
    form = EntryForm(typed | {"problems": "照存"}, entry=scene.progress)
    values, unparsed = form.outcome()
    (name,) = typed
    assert unparsed == typed
    assert form.errors[name] == [sentence]
    assert values[name] in (None, "")
    assert values["problems"] == "照存"


def test_zero_and_a_hundred_are_percents(scene: Scene) -> None:
    assert EntryForm({"percent": "0"}, entry=scene.progress).outcome()[0]["percent"] == D(0)
    assert EntryForm({"percent": "100.00"}, entry=scene.progress).outcome()[0]["percent"] == D(100)


def test_a_number_too_large_for_its_column_is_refused(scene: Scene) -> None:
    form = EntryForm({"value": "1" + "0" * 14}, entry=scene.reading)
    assert form.outcome()[1] == {"value": "1" + "0" * 14}
    assert form.errors["value"] == ["数太大，请核对单位后重填。"]


def test_characters_a_database_cannot_hold_are_dropped(scene: Scene) -> None:
    form = EntryForm({"text": "前\x00后", "percent": "八\x00十"}, entry=scene.progress)
    values, unparsed = form.outcome()
    assert values["text"] == "前后"
    assert unparsed == {"percent": "八十"}


def test_a_number_without_a_choice_means_there_is_data(scene: Scene) -> None:
    assert EntryForm({"value": "32"}, entry=scene.reading).outcome()[0]["value_state"] == ValueState.VALUE
    unread = EntryForm({"value": "三十二"}, entry=scene.reading)
    assert unread.outcome() == (
        {"value_state": "value", "value": None, "text": "", "explanation": ""},
        {"value": "三十二"},
    )
    assert EntryForm({"value": ""}, entry=scene.reading).outcome()[0]["value_state"] == ""


def test_no_data_beside_a_number_contradicts_itself(scene: Scene) -> None:
    form = EntryForm({"value_state": "no_data", "value": "32"}, entry=scene.reading)
    assert form.outcome()[1] == {"value": "32"}
    assert form.errors["value"] == ["已选“本期无数据”，这里不能有数；确有数据的请改选“有数据”。"]


def test_a_described_level_is_chosen_by_its_name(scene: Scene) -> None:
    scene.indicator.levels = ["未启动", "推进中", "达到"]
    scene.indicator.save()
    form = EntryForm({"value": "2"}, entry=scene.reading)
    assert form.outcome()[0]["value"] == D(2)
    assert [name for _, name in form.fields["value"].choices] == ["请选择", "未启动", "推进中", "达到"]
    unknown = EntryForm({"value": "9"}, entry=scene.reading)
    assert (unknown.outcome()[0]["value"], unknown.outcome()[1]) == (None, {"value": "9"})
    assert unknown.errors["value"] == ["没有这个等级，请重新选择。"]
    assert EntryForm({"value": ""}, entry=scene.reading).outcome()[0]["value"] is None


def test_a_rate_asks_for_its_parts_and_never_for_its_value(scene: Scene) -> None:
    entry = scene.entry("reading", indicator=scene.rate)
    form = EntryForm({"numerator": "8", "denominator": "10", "value": "99"}, entry=entry)
    assert list(form.fields) == ["value_state", "numerator", "denominator", "text", "explanation"]
    values, unparsed = form.outcome()
    assert unparsed == {}
    assert values == {
        "value_state": "value",
        "numerator": D(8),
        "denominator": D(10),
        "text": "",
        "explanation": "",
    }


def test_a_stored_entry_is_shown_again_with_its_unread_text_and_its_error(scene: Scene) -> None:
    entry = f.fill_entry(scene.progress, by=scene.filer, percent=D("61.50"), next_on=date(2020, 9, 1))
    entry.unparsed = {"next_on": "明年"}
    form = EntryForm.of(entry)
    assert form.typed()["percent"] == "61.5"
    assert form.typed()["next_on"] == "明年"
    assert list(form.errors) == ["next_on"]


def test_a_form_reads_a_post(scene: Scene) -> None:
    post = QueryDict(
        "percent=85&self_light=done&pace=ahead&text=%E5%AE%8C%E6%88%90&version=3&csrfmiddlewaretoken=x"
    )
    values, unparsed = EntryForm(post, entry=scene.progress).outcome()
    assert (values["percent"], values["text"], unparsed) == (D(85), "完成", {})
    assert VersionForm(post).seen() == 3


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5"])
def test_a_version_that_is_none_counts_as_old(version: str) -> None:
    assert VersionForm({"version": version}).seen() == -1


def test_who_checked_is_required() -> None:
    form = SubmitForm({"checked_by": "  "})
    assert form.errors == {"checked_by": ["请填写单位审核人姓名后再提交。"]}


def test_only_entries_with_a_reason_are_sent_back(scene: Scene) -> None:
    first, second = scene.progress, scene.reading
    data = {
        f"code_{first.pk}": "R01",
        f"note_{first.pk}": " 写实 ",
        f"code_{second.pk}": "",
        f"note_{second.pk}": "",
    }
    form = SendBackForm(data, entries=[first, second])
    assert form.is_valid()
    assert form.notes() == {first.pk: ("R01", "写实")}


def test_a_code_needs_a_note_and_a_note_a_code(scene: Scene) -> None:
    first, second = scene.progress, scene.reading
    data = {f"code_{first.pk}": "R01", f"note_{second.pk}": "口径不对"}
    form = SendBackForm(data, entries=[first, second])
    assert form.errors == {
        f"note_{first.pk}": ["请写明意见，填报人才知道改什么。"],
        f"code_{second.pk}": ["请选择退回原因。"],
    }
