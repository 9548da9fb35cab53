"""The difference of two plan documents: what is added, changed, ended and gone, with old and new."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tasks.plan_files.diff import diff, from_json
from tests.plan.second import SECOND, without_task


def test_a_plan_differs_from_itself_in_nothing():
    found = diff(SECOND, SECOND)
    assert (bool(found), found.words, found.lines()) == (False, "", [])


def test_a_new_plan_is_added_as_a_whole():
    assert diff(None, SECOND).counts == {"新增": 15}


def test_every_kind_of_difference_is_told_with_old_and_new():
    renamed = replace(
        without_task(SECOND, "1.2"),
        goals=(replace(SECOND.goals[0], name="海水水质"),),
        targets=(replace(SECOND.targets[0], value=Decimal("72.50")),),
        milestones=(replace(SECOND.milestones[0], retired_on=date(2022, 1, 1)),),
        departments=tuple(reversed(SECOND.departments)),
    )
    found = diff(SECOND, renamed)
    assert found.lines() == [
        "修改 目标类别 1（名称）",
        "修改 目标值 W1 2023-12-31 二1 assigned（目标值）",
        "删除 任务 1.2",
        "删除 责任分解 1.2 渔政站",
        "停用 节点 1.1 1（停用日期）",
        "修改 责任单位的顺序",
    ]
    assert [(f.column, f.old, f.new) for f in found.rows[1].fields] == [("value", "70", "72.5")]
    assert found.words == "修改2项、停用1项、删除2项、调整责任单位的顺序"


def test_a_difference_survives_json():
    found = diff(SECOND, without_task(SECOND, "1.2"))
    assert from_json(found.as_json()) == found
