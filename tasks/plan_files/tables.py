"""The tables of a plan and their columns, each with the Chinese name used in messages."""

from typing import Final

NOTE: Final = {"note": "校注"}
#: When a row that was recorded while the plan ran is in force from, and when it was recorded; empty for the plan's own.
DATED: Final = {"effective_from": "自此季度起", "at": "登记时间"}
#: The first day on which a row is no longer asked; files written before there were any may leave the column out.
RETIRED: Final = {"retired_on": "停用日期"}

TABLES: Final[dict[str, dict[str, str]]] = {
    "plan": {
        "code": "代码",
        "name": "名称",
        "short_name": "简称",
        "doc_no": "文号",
        "issued_on": "印发日期",
        "starts_on": "起始日期",
        "ends_on": "终止日期",
        "office": "牵头办公室",
        "behind_above": "黄灯界限",
        "late_above": "红灯界限",
        **NOTE,
    },
    "departments": {
        "name": "名称",
        "kind": "性质",
        "flag": "存疑理由",
        "owes": "承担报送",
        "convenor": "召集单位",
        "convenor_proposed": "召集单位待确认",
        **NOTE,
    },
    "goals": {"no": "序号", "name": "名称", "clause": "条款", **NOTE, **RETIRED},
    "indicators": {
        "code": "代码",
        "name": "名称",
        "unit": "单位",
        "kind": "性质",
        "decimals": "小数位",
        "accumulation": "填报口径",
        "combine": "合成方法",
        "span": "考察跨度",
        "asked": "填报频次",
        "holds": "保持类",
        "goal_no": "目标类别",
        "task_nos": "任务",
        "numerator": "分子",
        "denominator": "分母",
        "levels": "等级名称",
        "rounding": "修约方法",
        "comparison": "比较方法",
        "expected_by": "应达值",
        "baseline": "基期值",
        "baseline_year": "基期年份",
        "baseline_source": "基期来源",
        "data_department": "数据单位",
        "data_department_proposed": "数据单位待确认",
        "clauses": "条款",
        **NOTE,
        **RETIRED,
    },
    "targets": {
        "indicator": "指标代码",
        "due_on": "期限",
        "comparator": "比较",
        "value": "目标值",
        "low": "下限",
        "high": "上限",
        "tolerance": "容差",
        "strength": "约束强度",
        "state": "状态",
        "condition": "前提条件",
        "condition_holds": "条件是否成立",
        "condition_decided_by": "条件认定人",
        "doc_no": "下达文号",
        "doc_on": "下达日期",
        "reason": "调整理由",
        "clause": "条款",
        **NOTE,
        **DATED,
        **RETIRED,
    },
    "plan_values": {"indicator": "指标代码", "on": "日期", "value": "计划值", "source": "依据"},
    "actions": {"no": "序号", "name": "名称", "clause": "条款", **NOTE, **RETIRED},
    "action_leads": {"action_no": "行动", "order": "顺序", "department": "牵头单位"},
    "tasks": {
        "no": "编号",
        "title": "正文标题",
        "annex_title": "附件标题",
        "clause": "条款",
        **NOTE,
        **RETIRED,
    },
    "responsibilities": {
        "task_no": "任务",
        "order": "附件顺序",
        "department": "责任单位",
        "role": "角色",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        **NOTE,
    },
    "milestones": {
        "task_no": "任务",
        "no": "序号",
        "name": "名称",
        "due_on": "期限",
        "strength": "约束强度",
        "condition": "前提条件",
        "clause": "条款",
        **NOTE,
        **RETIRED,
    },
    "threshold_changes": {
        "effective_from": "自此季度起",
        "behind_above": "黄灯界限",
        "late_above": "红灯界限",
        "reason": "理由",
        "at": "登记时间",
    },
    "baseline_changes": {
        "indicator": "指标代码",
        "effective_from": "自此季度起",
        "value": "基期值",
        "year": "基期年份",
        "source": "基期来源",
        "state": "状态",
        "doc_no": "文号",
        "doc_on": "文件日期",
        "reason": "理由",
        "at": "登记时间",
    },
}

#: Tables that may be missing: what a plan has only once it runs.
OPTIONAL_TABLES: Final = frozenset({"threshold_changes", "baseline_changes"})
#: What a table is called, and one of its rows.
TITLES: Final = {
    "plan": "方案",
    "departments": "责任单位",
    "goals": "目标类别",
    "indicators": "指标",
    "targets": "目标值",
    "plan_values": "计划值",
    "actions": "专项行动",
    "action_leads": "行动牵头单位",
    "tasks": "任务",
    "responsibilities": "责任分解",
    "milestones": "节点",
    "threshold_changes": "亮灯阈值",
    "baseline_changes": "基期值",
}

#: By which columns a row is known again: the plan's own numbers and names.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "plan": ("code",),
    "departments": ("name",),
    "goals": ("no",),
    "indicators": ("code",),
    "targets": ("indicator", "due_on", "clause", "state", "at"),
    "plan_values": ("indicator", "on"),
    "actions": ("no",),
    "action_leads": ("action_no", "department"),
    "tasks": ("no",),
    "responsibilities": ("task_no", "department", "valid_from"),
    "milestones": ("task_no", "no"),
    "threshold_changes": ("effective_from", "at"),
    "baseline_changes": ("indicator", "effective_from", "at"),
}

#: Tables whose rows stand everywhere in the order of the file.
ORDERED: Final = ("departments", "indicators")

#: Columns whose filling ends a row instead of changing it.
ENDING: Final = ("retired_on", "valid_to")

#: Columns that a file may leave out.
OPTIONAL: Final = frozenset({**DATED, **RETIRED})

# Columns that hold 是 or 否; a JSON document writes them true and false, and no others.
YES_NO: Final = {
    "owes", "convenor_proposed", "holds", "data_department_proposed", "condition_holds",
}  # fmt: skip


def column_label(table: str, column: str) -> str:
    """The column as messages name it, e.g. due_on（期限）."""
    label = TABLES.get(table, {}).get(column)
    return f"{column}（{label}）" if label else column
