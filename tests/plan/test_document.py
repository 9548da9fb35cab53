"""The one JSON document: its keys, its values, and what is said when somebody spoils it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.plan_files import PlanDocument, read_plan, to_json
from tests.plan.conftest import problems_of


@pytest.fixture
def content(document: PlanDocument) -> dict[str, Any]:
    """The document as JSON values."""
    return json.loads(to_json(document))


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Any], Path]:
    """Write JSON values, or bytes as they are, to a file."""

    def write(content: Any) -> Path:
        path = tmp_path / "plan.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def test_it_has_the_keys_people_rely_on(content: dict[str, Any]):
    assert list(content) == ["plan", "departments", "goals", "indicators", "actions", "tasks", "milestones"]
    assert {"name", "kind", "flag"} <= content["departments"][0].keys()
    assert {"no", "name", "indicators"} <= content["goals"][0].keys()
    assert content["indicators"][0].keys() >= {
        "code", "name", "unit", "kind", "accumulation", "asked", "holds", "goal_no", "task_nos", "clauses", "targets",
    }  # fmt: skip
    assert content["indicators"][0]["targets"][0].keys() >= {
        "due_on", "comparator", "value", "low", "high", "strength", "state", "condition",
    }  # fmt: skip
    assert {"no", "name", "leads"} <= content["actions"][0].keys()
    assert {"no", "title", "annex_title", "responsibilities"} <= content["tasks"][0].keys()
    assert {"department", "role", "order"} <= content["tasks"][0]["responsibilities"][0].keys()
    assert {"task_no", "name", "due_on", "strength", "clause"} <= content["milestones"][0].keys()


def test_decimals_are_strings_and_what_is_missing_is_null(content: dict[str, Any]):
    indicators = {row["name"]: row for row in content["indicators"]}
    assert indicators["林木蓄积量"]["targets"][0]["value"] == "1.58"
    assert indicators["优美庭院示范户"]["targets"][0]["value"] == "1000"
    assert indicators["劣Ⅴ类水质断面数"]["targets"][0]["value"] == "0"
    assert indicators["能源消费总量"]["targets"][0]["value"] is None
    assert (indicators["美丽河道"]["targets"][0]["low"], indicators["美丽河道"]["targets"][0]["high"]) == (
        "3",
        "5",
    )
    assert indicators["美丽河道"]["goal_no"] is None
    assert indicators["美丽河道"]["task_nos"] == ["8.1"]
    assert indicators["PM2.5浓度"]["baseline"] is None


def test_goals_list_their_indicators_and_actions_their_leads(content: dict[str, Any]):
    assert content["goals"][4]["indicators"] == ["G5-01", "G5-02", "G5-03"]
    assert content["actions"][1]["leads"] == ["经发局", "环保局"]
    assert sum(len(task["responsibilities"]) for task in content["tasks"]) == 214


def test_reading_it_back_gives_the_same_plan(save: Callable[[Any], Path], document: PlanDocument):
    assert read_plan(save(to_json(document))) == document


def test_a_bad_value_is_named_by_its_list_and_place(save: Callable[[Any], Path], content: dict[str, Any]):
    content["indicators"][0]["targets"][0]["value"] = "lots"
    content["tasks"][1]["responsibilities"][2]["department"] = "环保厅"
    content["goals"][7]["name"] = ""
    assert problems_of(save(content)) == [
        "plan.json goals 第8行 name（名称）列：没有填写；这一格必填",
        "plan.json indicators G1-01 targets 第1行 value（目标值）列：“lots”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号",
        "plan.json tasks 1.2 responsibilities 第3行 department（责任单位）列：没有责任单位“环保厅”；请改正，或先在 departments 中加上",
    ]


def test_a_number_written_bare_keeps_its_digits(save: Callable[[Any], Path], content: dict[str, Any]):
    content["indicators"][0]["targets"][0]["value"] = 44.6
    assert str(read_plan(save(content)).targets[0].value) == "44.6"


def test_unknown_keys_are_refused(save: Callable[[Any], Path], content: dict[str, Any]):
    content["budget"] = []
    content["goals"][0]["weight"] = 1
    assert problems_of(save(content)) == [
        "plan.json：不认识的键 budget；请删去或改为说明中的键名",
        "plan.json goals 第1行 weight列：不认识的键；请删去或改为说明中的键名",
    ]


def test_a_missing_list_is_told_once(save: Callable[[Any], Path], content: dict[str, Any]):
    del content["goals"]
    assert problems_of(save(content)) == ["plan.json goals：缺少这一项；没有内容的列表写 []"]


def test_a_missing_plan(save: Callable[[Any], Path], content: dict[str, Any]):
    del content["plan"]
    assert problems_of(save(content)) == ["plan.json plan：缺少方案本身；请使用 export_plan 导出的文件"]


def test_missing_keys_are_refused_because_they_would_erase(
    save: Callable[[Any], Path], content: dict[str, Any]
):
    del content["indicators"][0]["targets"]
    del content["indicators"][1]["note"]
    del content["tasks"][0]["responsibilities"][1]["department"]
    assert problems_of(save(content)) == [
        "plan.json indicators G1-01 targets：缺少这一项；没有内容的列表写 []",
        "plan.json indicators 第2行 note（校注）列：缺少这个键；没有内容写 null",
        "plan.json tasks 1.1 responsibilities 第2行 department（责任单位）列：缺少这个键；没有内容写 null",
    ]


def test_a_key_written_twice(save: Callable[[Any], Path], document: PlanDocument):
    text = to_json(document).decode().replace('"code": "G1-01",', '"code": "G1-01", "code": "G1-02",', 1)
    assert problems_of(save(text.encode())) == ["plan.json：同一个对象中键 code 写了两次；请删去一个"]


def test_true_and_false_only_where_the_answer_is_yes_or_no(
    save: Callable[[Any], Path], content: dict[str, Any]
):
    content["departments"][0]["flag"] = False
    content["indicators"][0]["targets"][0]["value"] = True
    said = "列：这里不能是 true 或 false；没有内容写 null"
    assert problems_of(save(content)) == [
        f"plan.json departments 第1行 flag（存疑理由）{said}",
        f"plan.json indicators G1-01 targets 第1行 value（目标值）{said}",
    ]


@pytest.mark.parametrize("mark", [";", "；"])
def test_a_part_of_a_list_holds_no_semicolon(save: Callable[[Any], Path], content: dict[str, Any], mark: str):
    content["indicators"][2]["levels"][0] = f"未启动{mark}筹备"
    (problem,) = problems_of(save(content))
    assert problem.startswith("plan.json indicators 第3行 levels（等级名称）列：应为")
    assert problem.endswith("列表中的文字不含分号")


def test_blanks_around_text_are_no_part_of_it(
    save: Callable[[Any], Path], content: dict[str, Any], document: PlanDocument
):
    content["tasks"][0]["responsibilities"][1]["department"] = "规划建设局\u00a0"
    assert read_plan(save(content)) == document


def test_a_document_of_another_form(save: Callable[[Any], Path], content: dict[str, Any]):
    content["format"] = 2
    assert problems_of(save(content)) == ["plan.json：不认识的键 format；请删去或改为说明中的键名"]


def test_a_goal_whose_list_disagrees_with_its_indicators(
    save: Callable[[Any], Path], content: dict[str, Any]
):
    content["goals"][0]["indicators"].pop()
    assert problems_of(save(content)) == [
        "plan.json goals 第1行 indicators（指标）列：与各指标的 goal_no 不一致；请改指标的 goal_no，并同样修改这里"
    ]


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], [[]]])
def test_a_value_of_a_wrong_sort(save: Callable[[Any], Path], content: dict[str, Any], value: Any):
    content["milestones"][0]["name"] = value
    assert problems_of(save(content))[0] == (
        "plan.json milestones 第1行 name（名称）列：应为文字、数字、true、false、null 或由文字组成的列表，列表中的文字不含分号"
    )


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (b"[]", "plan.json：最外层应为一个对象；请使用 export_plan 导出的文件"),
        (b'{\n"plan": }', "plan.json 第2行：第9个字符处不符合 JSON 格式；请使用 export_plan 导出的文件"),
        (b"\xff\xfe\x00", "plan.json：不是 UTF-8 编码的文本；请使用 export_plan 导出的文件"),
        (b'{"plan": ' + b"[" * 200_000, "plan.json：数字过长或嵌套过深；请使用 export_plan 导出的文件"),
        (b'{"plan": ' + b"1" * 5000 + b"}", "plan.json：数字过长或嵌套过深；请使用 export_plan 导出的文件"),
    ],
)
def test_what_is_no_document_at_all(save: Callable[[Any], Path], spoilt: bytes, said: str):
    assert problems_of(save(spoilt)) == [said]


def test_lists_and_rows_of_a_wrong_sort(save: Callable[[Any], Path], content: dict[str, Any]):
    content["plan"] = None
    content["milestones"] = {}
    content["goals"][0] = "绿色"
    said = problems_of(save(content))
    assert "plan.json plan 第1行：应为一个对象，即一组“键: 值”" in said
    assert "plan.json milestones：应为列表；没有内容的列表写 []" in said
    assert "plan.json goals 第1行：应为一个对象，即一组“键: 值”" in said


def test_half_a_character_is_refused(save: Callable[[Any], Path], content: dict[str, Any]):
    content["goals"][0]["note"] = "\ud800"
    assert problems_of(save(content)) == [
        "plan.json goals 第1行 note（校注）列：含有看不见的控制字符；请重新输入这一格"
    ]
