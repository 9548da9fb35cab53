"""The pages of cross-checks: the office's rules with their preview, the list of what is open, and what stands beside an entry."""

from __future__ import annotations

from decimal import Decimal as D
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from filings.models import CrossClosing, CrossRule
from filings.queries.crosschecks import board
from filings.terms import RuleKind, Severity
from harbor_plan.lib.tables import tables_of
from tests.filings.crosscheck_scene import CrossScene

pytestmark = pytest.mark.django_db

SAID = "2020年二季度“绿道”为 12 公里（建设局），“道路”为 10 公里（交通局），部分大于总体，多 2 公里。"


@pytest.fixture
def scene() -> CrossScene:
    return CrossScene()


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def office(scene) -> Client:
    return browser(scene.reviewer)


def typed(scene: CrossScene, **changes: str) -> dict[str, str]:
    given = {
        "kind": "part",
        "indicator": str(scene.part.pk),
        "other": str(scene.whole.pk),
        "tolerance": "",
        "measure": "unit",
        "factor": "3",
        "severity": "warning",
        "quarter": "2020Q1",
    }
    return given | changes


def conflict(scene: CrossScene, **rule: Any):
    """A rule, and a quarter in which both values were sent and do not fit."""
    found = scene.rule(**rule)
    period = scene.open()
    scene.send(period, scene.part, "12")
    scene.send(period, scene.whole, "10", explanation="道路不含绿道")
    return found, period


def rows_of(client: Client, query: str = "") -> list[list[str]]:
    """The cells of the list's table, without the form in the last one."""
    page = client.get(f"{reverse('filings:crosschecks')}?{query}")
    assert page.status_code == 200
    tables = tables_of(page.content.decode()).tables
    return [[cell.text for cell in row] for table in tables for row in table.rows]


# Rules


def test_a_rule_is_previewed_and_then_saved_with_its_reason(scene, office):
    period = scene.open()
    scene.send(period, scene.part, "12")
    scene.send(period, scene.whole, "10")
    url = reverse("filings:add_cross_rule")
    shown = office.get(url, typed(scene))
    assert SAID in shown.content.decode()
    assert "发现 <b>1</b> 处，相符 0 季，无法核对 7 季" in shown.content.decode()
    assert CrossRule.objects.count() == 0
    saved = office.post(url, typed(scene) | {"reason": "绿道是道路的一部分"})
    assert saved.status_code == 302
    rule = CrossRule.objects.get()
    assert (rule.kind, rule.tolerance, rule.factor, rule.severity) == ("part", 0, 0, "warning")
    assert (rule.reason, rule.by) == ("绿道是道路的一部分", scene.reviewer)
    listed = office.get(reverse("filings:cross_rules")).content.decode()
    assert "绿道 ≤ 道路" in listed
    assert "不留容差" in listed


WRONG = [
    ({"other": ""}, "这种核对方式要选对照指标。"),
    ({"kind": "jump", "factor": ""}, "请填写倍数，一般用 3。"),
    ({"tolerance": "-1"}, "容差不能小于 0。"),
    ({"tolerance": "多"}, "“多”不是数。请只填数字，例如 85 或 85.5。"),
    ({"indicator": "0"}, "没有这项指标，请重新选择。"),
    ({"quarter": "2031Q1"}, "请选择方案期内的季度。"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(scene, office, changes, said):
    answer = office.post(reverse("filings:add_cross_rule"), typed(scene, **changes) | {"reason": "核对"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert CrossRule.objects.count() == 0


def test_a_rule_needs_a_reason_and_keeps_what_was_typed(scene, office):
    scene.open()
    answer = office.post(reverse("filings:add_cross_rule"), typed(scene, tolerance="1.5"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请写明理由。" in text
    assert '<input type="hidden" name="tolerance" value="1.5">' in text


def test_what_a_kind_does_not_use_is_left_out(scene, office):
    scene.open()
    answer = office.post(
        reverse("filings:add_cross_rule"),
        typed(scene, kind="jump", measure="percent", tolerance="0.5") | {"reason": "核对"},
    )
    assert answer.status_code == 302
    rule = CrossRule.objects.get()
    assert (rule.other, rule.is_percent, rule.factor, rule.tolerance) == (None, False, D(3), D("0.5"))


def test_a_change_takes_the_place_of_the_rule(scene, office):
    rule = scene.rule()
    url = reverse("filings:change_cross_rule", args=[rule.pk])
    assert "修改勾稽规则" in office.get(url).content.decode()
    changed = typed(scene, tolerance="5", measure="percent", quarter="2020Q2") | {"reason": "统计误差"}
    assert office.post(url, changed).status_code == 302
    rule.refresh_from_db()
    assert (str(rule.effective_until), rule.end_reason) == ("2020-04-01", "统计误差")
    assert (rule.replaced_by.tolerance, rule.replaced_by.is_percent) == (D(5), True)
    assert office.post(url, changed).status_code == 409
    listed = office.get(reverse("filings:cross_rules")).content.decode()
    assert "容差 5%" in listed
    assert "2020年二季度起停用" in listed


def test_a_rule_is_retired_with_a_reason(scene, office):
    rule = scene.rule()
    url = reverse("filings:retire_cross_rule", args=[rule.pk])
    assert office.post(url, {"retire-until": "2020Q2", "retire-reason": ""}).status_code == 422
    assert office.post(url, {"retire-until": "2020Q2", "retire-reason": "口径已统一"}).status_code == 302
    rule.refresh_from_db()
    assert (str(rule.effective_until), rule.ended_by) == ("2020-04-01", scene.reviewer)


# The list


def test_the_list_shows_both_values_the_explanation_and_where_it_stands(scene, office):
    conflict(scene)
    ((severity, found, values, explained, _, handled),) = rows_of(office)
    assert (severity, found.split("\n")[0], explained) == ("提醒", SAID, "交通局：道路不含绿道")
    assert values.split("\n") == ["建设局 12 公里 绿道", "交通局 10 公里 道路"]
    assert handled.startswith("待处理")
    filing = reverse("filings:detail", args=[scene.entry(scene.plan.periods.get(), scene.part).filing_id])
    assert f'href="{filing}#entry-' in office.get(reverse("filings:crosschecks")).content.decode()


def test_the_filters_stand_in_the_address(scene, office):
    conflict(scene)
    scene.rule(scene.alone(RuleKind.JUMP, severity=Severity.INFO))
    assert [row[0] for row in rows_of(office, "show=all")] == ["提醒", "提示"]
    assert len(rows_of(office, "severity=error")) == 0
    assert len(rows_of(office, "kind=part&severity=warning")) == 1
    assert len(rows_of(office, f"department={scene.counter.pk}")) == 1
    assert len(rows_of(office, f"show=all&department={scene.counter.pk}")) == 1
    assert [row[1].split("\n")[0] for row in rows_of(office, "show=unchecked")] == [
        "历史数据只有 0 期，不足 4 期"
    ]
    assert len(rows_of(office, "period=2020Q2")) == 1
    assert office.get(f"{reverse('filings:crosschecks')}?period=2019Q1").status_code == 404


def test_the_list_can_be_taken_away_as_a_workbook(scene, office):
    conflict(scene)
    answer = office.get(f"{reverse('filings:crosschecks')}?export=xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any(cell.startswith(SAID) for cell in cells)


def test_an_empty_list_says_so(scene, office):
    def page() -> str:
        return office.get(reverse("filings:crosschecks")).content.decode()

    assert "还没有开放过的填报期" in page()
    scene.open()
    assert "这个季度没有勾稽规则。" in page()
    scene.rule()
    assert "没有待处理的勾稽发现。" in page()


def test_the_office_settles_a_finding_with_a_note(scene, office):
    rule, period = conflict(scene)
    url = reverse("filings:close_finding", args=[rule.pk, period.pk])
    seen = board(period).lines[0].finding.seen
    assert f'value="{seen}"' in office.get(reverse("filings:crosschecks")).content.decode()
    office.post(url, {"seen": seen, "note": ""})
    office.post(url, {"seen": "1|2", "note": "可以"})
    assert CrossClosing.objects.count() == 0
    assert office.post(url, {"seen": seen, "note": "统计口径如此"}).status_code == 302
    assert rows_of(office) == []
    ((*_, handled),) = rows_of(office, "show=closed")
    assert handled.startswith("统计口径如此")


# Beside the entry


def test_the_filer_reads_a_warning_and_information_at_the_value(scene):
    filer, _ = scene.people[scene.counter]
    scene.rule()
    period = scene.open()
    scene.send(period, scene.part, "12")
    entry = scene.write(period, scene.whole, "10")
    url = reverse("filings:edit", args=[entry.filing_id])
    text = browser(filer).get(url).content.decode()
    assert '<div class="msg msg-warn">' in text
    assert f"{SAID}请核对，或在提醒说明中写明原因。" in text
    CrossRule.objects.update(severity=Severity.INFO)
    text = browser(filer).get(url).content.decode()
    assert f"勾稽核对：{SAID}" in text
    assert "请核对，或在提醒说明中写明原因。" not in text


def test_an_error_stands_in_the_checklist_and_refuses_submission(scene):
    filer, _ = scene.people[scene.counter]
    scene.rule(severity=Severity.ERROR)
    period = scene.open()
    scene.send(period, scene.part, "12")
    entry = scene.write(period, scene.whole, "10", explanation="口径不同")
    text = browser(filer).get(reverse("filings:edit", args=[entry.filing_id])).content.decode()
    assert f"本项：{SAID}改正后才能提交" in text
    answer = browser(filer).post(reverse("filings:submit", args=[entry.filing_id]))
    assert answer.status_code == 422
    entry.filing.refresh_from_db()
    assert entry.filing.status == "draft"


def test_the_reviewer_reads_warning_and_explanation_beside_the_entry(scene, office):
    conflict(scene)
    filing = scene.entry(scene.plan.periods.get(), scene.whole).filing_id
    text = office.get(reverse("filings:review", args=[filing])).content.decode()
    assert SAID in text
    assert "<b>单位说明</b>：道路不含绿道" in text


def test_the_reviewer_of_the_earlier_value_reads_it_too(scene, office):
    conflict(scene, severity=Severity.INFO)
    filing = scene.entry(scene.plan.periods.get(), scene.part).filing_id
    text = office.get(reverse("filings:review", args=[filing])).content.decode()
    assert f"<div>提示：{SAID}</div>" in text
