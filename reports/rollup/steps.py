"""How figures of work and of goals came about: the steps with the numbers put in, as words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reports.rollup.shapes import Figure, Lights, MilestoneInput, PeriodInput, TaskInput
from targets.measure import SOURCE, Step, Thresholds, day_words, plain, shown, threshold_words
from targets.terms import Standing

_POINTS = " 个百分点"


def task_steps(
    task: TaskInput,
    period: PeriodInput,
    *,
    expected: Decimal,
    pace: Standing,
    light: tuple[Standing, str],
    plan_completion: Decimal | None,
) -> tuple[Step, ...]:
    """The lead's percent against the year's plan, two yellow quarters in a row, and the plan's years."""
    standing, reason = light
    known = task.percent is not None
    steps = [
        Step(
            "采用数据",
            f"牵头单位报送本年完成 {plain(task.percent)}%，已采纳"
            if task.percent is not None
            else task.missing,
        )
    ]
    if known and task.source:
        steps.append(Step(SOURCE, task.source))
    quarter = period.quarter.number
    source = (
        f"{quarter} ÷ 4 × 100（没有年度计划，按时间进度）" if task.share is None else "年度计划到本季的份额"
    )
    steps.append(Step("应达", f"{source} = {plain(expected)}%"))
    if task.percent is not None and expected > task.percent:
        steps.append(
            Step(
                "落后",
                f"{plain(expected)} − {plain(task.percent)} = {plain(expected - task.percent)}{_POINTS}",
            )
        )
    if known:
        steps.append(Step("亮灯规则", threshold_words(period.thresholds, _POINTS)))
        before = task.previous_pace.label if task.previous_pace else "没有"
        if pace == Standing.BEHIND:
            steps.append(
                Step(
                    "连续两季",
                    f"本季按进度为{pace.label}，上一季为{before}；连续两季滞后记{Standing.LATE.label}",
                )
            )
    steps.append(Step("亮灯", f"{standing.label}：{reason}"))
    if plan_completion is not None and task.year_percents:
        filed = [
            year for year in period.plan_years if year <= period.quarter.year and year in task.year_percents
        ]
        summed = " + ".join(plain(task.year_percents[year]) for year in filed)
        steps.append(
            Step(
                "五年完成",
                f"（{summed}）÷ {len(period.plan_years)} 年 = {shown(plan_completion, 2)}%，取各年最后一次采纳的比例（{filed[0]}—{filed[-1]}年）",
            )
        )
    return tuple(steps)


def action_steps(tasks: Sequence[Figure], thresholds: Thresholds, figure: Figure) -> tuple[Step, ...]:
    """The means over the tasks that have a value, and the light from their difference."""
    pairs = [(t.completion, t.expected) for t in tasks if t.completion is not None and t.expected is not None]
    counted = Step("采用数据", f"{len(tasks)} 项任务中 {len(pairs)} 项有数；没有数的不计入平均")
    light = Step("亮灯", f"{figure.standing.label if figure.standing else ''}：{figure.reason}")
    if not pairs or figure.completion is None or figure.expected is None:
        return counted, light
    done, share = ([pair[n] for pair in pairs] for n in (0, 1))
    steps = [
        counted,
        Step("本年完成", f"{_mean_words(done)} = {shown(figure.completion, 2)}%"),
        Step("应达", f"{_mean_words(share)} = {shown(figure.expected, 2)}%"),
    ]
    if figure.expected > figure.completion:
        behind = shown(figure.expected - figure.completion, 2)
        steps.append(
            Step("落后", f"{shown(figure.expected, 2)} − {shown(figure.completion, 2)} = {behind}{_POINTS}")
        )
    return (*steps, Step("亮灯规则", threshold_words(thresholds, _POINTS)), light)


def _mean_words(values: Sequence[Decimal]) -> str:
    return f"（{' + '.join(plain(value) for value in values)}）÷ {len(values)}"


def goal_steps(indicators: Sequence[Figure], lights: Lights, standing: Standing) -> tuple[Step, ...]:
    """Which targets are due and met, and the worst light that is not grey."""
    if not indicators:
        return (Step("亮灯", "没有指标"),)
    met, due = sum(i.met for i in indicators), sum(i.due for i in indicators)
    known = len(indicators) - lights.unknown
    return (
        Step("到期目标", f"各指标到期要求合计 {due} 项，达标 {met} 项；待下达、未定和不适用的不计入"),
        Step("指标亮灯", f"{len(indicators)} 项指标：{lights.words()}"),
        Step(
            "亮灯",
            f"{standing.label}：取能判断的 {known} 项指标中最差的灯，无法判断的 {lights.unknown} 项不计",
        ),
    )


def milestone_steps(milestone: MilestoneInput, light: tuple[Standing, str]) -> tuple[Step, ...]:
    """The date, what was last accepted, and the light."""
    standing, reason = light
    state = milestone.state.label if milestone.state else "未填报"
    done = f"，{day_words(milestone.done_on)}完成" if milestone.done_on else ""
    return (
        Step("期限", f"{day_words(milestone.due_on)}，{milestone.strength.label}"),
        Step("采用数据", f"最近一次采纳的节点状态：{state}{done}"),
        Step("亮灯", f"{standing.label}：{reason}"),
    )
