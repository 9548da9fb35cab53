"""The sentences of the bulletin, section by section, as an official would write them. Numbers are published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from filings.terms import Timeliness
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from reports.bulletin.known import Known
from reports.exports.parts import share
from reports.models import Figure, PublishedFigure, Subject
from reports.queries.cockpit import worst_first
from targets.terms import Standing

#: The lights by colour and word, in the order of the table of lights.
LIGHTS = {
    Standing.DONE: "蓝灯（已完成）",
    Standing.ON_TRACK: "绿灯（正常）",
    Standing.BEHIND: "黄灯（滞后）",
    Standing.LATE: "红灯（严重滞后）",
    Standing.UNKNOWN: "灰灯（无法判断）",
}


class Subheading(str):
    """A paragraph that is a heading of the second level: （一）报送情况."""


@dataclass(frozen=True)
class Section:
    """One section: its heading without number, and its paragraphs, subheadings among them."""

    heading: str
    paragraphs: tuple[str, ...]


def quarter_words(known: Known) -> str:
    """2020年三季度."""
    return zh.quarter(known.period.year, known.period.quarter, "plain")


def percent(part: int, whole: int) -> str:
    """92.9%; “—” of nothing."""
    of = share(part, whole)
    return f"{zh.number(of, 1)}%" if of is not None else zh.DASH


def opening(known: Known) -> Iterator[str]:
    """On what ground, up to when, by which rule."""
    plan, publication = known.plan, known.publication
    document = f"《{plan.name}》" + (f"（{plan.doc_no}）" if plan.doc_no else "")
    yield (
        f"根据{document}要求，{plan.office}对{quarter_words(known)}各责任单位的报送情况和工作进展进行了审核汇总，"
        "现将有关情况通报如下。"
    )
    behind, late = (plain(publication.rule.get(name)) for name in ("behind_above", "late_above"))
    yield (
        f"本通报数据为{publication}，{zh.moment(local(publication.at))}发布，"
        f"进展按{zh.day(known.edition.cut_off)}判定。"
        f"亮灯口径：落后应达超过{behind}个百分点为滞后，超过{late}个百分点为严重滞后；未采纳的数据不计入。"
    )


def plain(number: str | None) -> str:
    """A stored number without trailing zeros: "10.00" is 10."""
    return format(Decimal(number or 0).normalize(), "f")


# 总体情况


def overview(known: Known) -> Section:
    """How many reported, on time, accepted; how many lights of each colour; against the quarter before."""
    paragraphs: list[str] = [Subheading("（一）报送情况"), _filed(known)]
    total, before = known.total, known.before
    if before:
        paragraphs.append(_filed_since(total, before))
    paragraphs += [Subheading("（二）亮灯情况"), *_lit(known)]
    if before:
        paragraphs.append(_lit_since(total, before))
    return Section("总体情况", tuple(paragraphs))


def _filed(known: Known) -> str:
    total = known.total
    counts: Mapping[str, int] = total.detail.get("filings", {})
    exempt = counts.get(Timeliness.EXEMPT, 0)
    units = sum(counts.values()) - exempt
    on_time, late = counts.get(Timeliness.ON_TIME, 0), counts.get(Timeliness.LATE, 0)
    missing, not_due = counts.get(Timeliness.MISSING, 0), counts.get(Timeliness.NOT_DUE, 0)
    none = counts.get(Timeliness.NONE, 0)
    if none:
        words = f"应报单位{units}家，本季为补录，不计时效"
    else:
        sent = on_time + late
        words = (
            f"应报单位{units}家，已报{sent}家（{sent}/{units}，{percent(sent, units)}），"
            f"其中按时{on_time}家、迟报{late}家；未报{missing}家"
        )
    if not_due:
        words += f"；经批准延期、尚未到期{not_due}家"
    if exempt:
        words += f"；另有{exempt}家经批准免报"
    return (
        f"{words}。应报事项{total.owed}项，已采纳{total.reported}项"
        f"（{total.reported}/{total.owed}，{percent(total.reported, total.owed)}）；退回{total.returns}次。"
    )


def _filed_since(total: Figure, before: PublishedFigure) -> str:
    now, then = total.detail.get("filings", {}), before.detail.get("filings", {})
    parts = [
        _moved(label, then.get(key, 0), now.get(key, 0), "家")
        for key, label in (
            (Timeliness.ON_TIME, "按时报送"),
            (Timeliness.LATE, "迟报"),
            (Timeliness.MISSING, "未报"),
        )
    ]
    rates = [percent(each.reported, each.owed) for each in (before, total)]
    rate = f"采纳率由{rates[0]}变为{rates[1]}" if rates[0] != rates[1] else f"采纳率均为{rates[0]}"
    return f"与{before.publication}相比，{'，'.join(parts)}，{rate}。"


def _moved(label: str, then: int, now: int, unit: str) -> str:
    """按时报送由25家增至27家; 未报仍为2家."""
    if then == now:
        return f"{label}仍为{now}{unit}"
    return f"{label}由{then}{unit}{'增至' if now > then else '减为'}{now}{unit}"


def _lit(known: Known) -> Iterator[str]:
    total = known.total
    for what, lights in (
        ("任务", total.lights),
        ("指标", total.detail.get("indicators", {})),
        ("节点", total.detail.get("milestones", {})),
    ):
        count = sum(lights.values())
        if count:
            told = "，".join(
                f"{LIGHTS[standing]}{lights.get(standing, 0)}项、占{percent(lights.get(standing, 0), count)}"
                for standing in Standing
            )
            yield f"{what}{count}项：{told}。"
    if total.due:
        yield f"到期目标{total.due}项，达标{total.met}项，达标率{percent(total.met, total.due)}。"
    else:
        yield "本季没有到期目标。"


def _lit_since(total: Figure, before: PublishedFigure) -> str:
    parts = [
        _moved(LIGHTS[standing], before.lights.get(standing, 0), total.lights.get(standing, 0), "项")
        for standing in Standing
        if before.lights.get(standing) or total.lights.get(standing)
    ]
    return f"与{before.publication}相比，任务{'，'.join(parts)}。"


# 进展


def indicators(known: Known) -> Section:
    """Goal by goal: counts, then the indicators that are behind, each with its reason."""
    by_goal: dict[int | None, list[Figure]] = {}
    for figure in known.figures(Subject.INDICATOR):
        indicator = known.indicators.get(figure.subject_id)
        by_goal.setdefault(indicator.goal_id if indicator else None, []).append(figure)
    paragraphs: list[str] = []
    for goal in known.figures(Subject.GOAL):
        paragraphs.append(Subheading(f"（{zh.numeral(int(goal.number))}）{goal.name}"))
        paragraphs += _group(by_goal.pop(goal.subject_id, []), goal.reason)
    others = [figure for group in by_goal.values() for figure in group]
    if others:
        number = zh.numeral(len(known.figures(Subject.GOAL)) + 1)
        paragraphs.append(Subheading(f"（{number}）专项行动中的指标"))
        paragraphs += _group(others, f"指标{_counted(others)}")
    return Section("指标进展", tuple(paragraphs))


def _group(figures: Sequence[Figure], reason: str) -> list[str]:
    troubled = worst_first(figures)
    return [
        f"{reason}。",
        *(f"{figure.name}：{Standing(figure.standing).label}，{figure.reason}。" for figure in troubled),
    ]


def _counted(figures: Sequence[Figure]) -> str:
    """正常3项、滞后1项."""
    counts = ((standing, sum(f.standing == standing for f in figures)) for standing in Standing)
    return "、".join(f"{standing.label}{count}项" for standing, count in counts if count)


def actions(known: Known) -> Section:
    """Each action with its leads, its light and why."""
    return Section(
        "专项行动进展",
        tuple(
            f"{figure.number}. {figure.name}（牵头单位：{known.action_leads.get(figure.subject_id, '')}），"
            f"{Standing(figure.standing).label}：{figure.reason}。"
            for figure in known.figures(Subject.ACTION)
        ),
    )


# 点名


def behind(known: Known) -> Section:
    """The tasks that are behind, by name, red first, and those that nobody can judge."""
    tasks = known.figures(Subject.TASK)
    troubled = worst_first(tasks)
    unknown = [figure for figure in tasks if figure.standing == Standing.UNKNOWN]
    paragraphs = [
        f"共{len(troubled)}项任务未达序时进度，其中{_counted(troubled)}。"
        if troubled
        else "本季没有未达序时进度的任务。"
    ]
    paragraphs += [_task(known, figure) for figure in troubled]
    if unknown:
        paragraphs.append(f"另有{len(unknown)}项任务没有可以判断的数据：")
        paragraphs += [_task(known, figure) for figure in unknown]
    return Section("未达序时进度的任务", tuple(paragraphs))


def _task(known: Known, figure: Figure) -> str:
    lead = known.task_leads.get(figure.subject_id)
    who = f"（{lead}牵头）" if lead else ""
    return f"{figure.number} {figure.name}{who}，{Standing(figure.standing).label}：{figure.reason}。"


def late_units(known: Known) -> Section:
    """The units that were late or did not report, by name, and those whose filing was returned."""
    units = known.figures(Subject.DEPARTMENT)
    paragraphs = []
    for timeliness in (Timeliness.LATE, Timeliness.MISSING):
        names = [unit.name for unit in units if unit.timeliness == timeliness]
        if names:
            paragraphs.append(f"{timeliness.label}{len(names)}家：{'、'.join(names)}。")
    if not paragraphs:
        paragraphs.append("本季没有迟报、未报的单位。")
    returned = [f"{unit.name}{unit.returns}次" for unit in units if unit.returns]
    if returned:
        paragraphs.append(f"被退回改正的：{'、'.join(returned)}。")
    return Section("迟报、未报单位", tuple(paragraphs))


# 问题和要求


def problems(known: Known) -> Section:
    """What the leads of tasks behind gave as problems, and what anybody asked to be coordinated."""
    troubled = {figure.subject_id for figure in worst_first(known.figures(Subject.TASK))}
    told = [
        f"{quote.number} {quote.title}（{quote.department}）：{quote.problems}。"
        for quote in known.quotes
        if quote.task in troubled and quote.problems
    ]
    asked = [
        f"{quote.number} {quote.title}（{quote.department}）：{quote.coordination}。"
        for quote in known.quotes
        if quote.coordination
    ]
    return Section(
        "存在问题与需协调事项",
        (
            Subheading("（一）存在问题"),
            *(told or ["未达序时进度任务的牵头单位没有反映问题。"]),
            Subheading("（二）需协调事项"),
            *(asked or ["本季没有提出需协调的事项。"]),
        ),
    )


def next_steps(known: Known) -> Section:
    """What is asked of whom, as far as the figures say; the office adds the rest."""
    troubled = worst_first(known.figures(Subject.TASK))
    timeliness = {Timeliness.LATE, Timeliness.MISSING}
    late = [unit for unit in known.figures(Subject.DEPARTMENT) if unit.timeliness in timeliness]
    asks = []
    if troubled:
        asks.append(
            f"加快滞后任务。本通报点名的{len(troubled)}项任务，牵头单位要逐项分析原因，明确赶进度的措施和时限，"
            "并在下季度报送时说明落实情况。"
        )
    if late:
        asks.append(
            f"严格按时报送。点名的{len(late)}家单位要查明迟报、未报原因，未报的尽快补报；各单位要在报送截止日前完成签发。"
        )
    if known.total.returns:
        asks.append("提高报送质量。被退回的单位要对照退回意见改正，数据口径与佐证材料保持一致。")
    asks.append("持续推进各项任务。进度正常的任务要保持力度，确保完成年度目标。")
    return Section(
        "下一步要求", tuple(f"（{zh.numeral(number)}）{ask}" for number, ask in enumerate(asks, 1))
    )


def correction(known: Known) -> Section:
    """What a later version changed and why."""
    publication = known.publication
    return Section(
        "更正说明",
        (
            f"本通报依据{publication}，{zh.moment(local(publication.at))}发布。更正理由：{publication.reason}。"
            f"与第{publication.version - 1}版相比，{len(known.changes)}个对象的数字有变动，见附件。",
        ),
    )
