"""The words of the assessment. No models here, so the pure modules share them."""

from django.db.models import TextChoices


class SchemeStatus(TextChoices):
    """Where a year's scheme stands: being written, scored, or final and frozen."""

    DRAFT = "draft", "拟订"
    RUNNING = "running", "评分中"
    FINALISED = "finalised", "已审定"


class Source(TextChoices):
    """Which published figures a criterion reads. Judgements, imports and 督办单 join as sources of their own."""

    INDICATORS = "indicators", "所报指标"
    TASKS = "tasks", "牵头任务"
    MILESTONES = "milestones", "牵头任务的节点"
    QUALITY = "quality", "报送时效与退回"
    COMPLETENESS = "completeness", "填报项采纳"


class LineState(TextChoices):
    """How a line counts. The first two are in the denominator; the others are listed with their reason."""

    SCORED = "scored", "计分"
    MISSING = "missing", "缺报"
    NOT_APPLICABLE = "not_applicable", "不适用"
    PENDING = "pending", "待定"
    NOT_DUE = "not_due", "未到期"
    WITHDRAWN = "withdrawn", "不再计分"


#: The states that carry points.
IN_DENOMINATOR = frozenset({LineState.SCORED, LineState.MISSING})

#: The parameters a criterion may set, by source, with what holds when it does not (domain rules, 1.1).
#: `binding`, `expected` and `stretch` are the shares of a target by its strength; `minimum` is the share from 0 to 1
#: that missing data scores; `excuse_no_data` 1 takes an accepted 无数据 for 经认定不适用; the others are points for
#: one filing.
PARAMS: dict[str, dict[str, str]] = {
    Source.INDICATORS: {
        "binding": "1",
        "expected": "1",
        "stretch": "1",
        "minimum": "0",
        "excuse_no_data": "0",
    },
    Source.TASKS: {"minimum": "0"},
    Source.MILESTONES: {},
    Source.QUALITY: {"on_time": "3", "late": "2", "missing": "0", "per_return": "1"},
    Source.COMPLETENESS: {},
}
