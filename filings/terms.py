"""The words of filing and review. No models here, so rules and the calendar share them."""

from django.db.models import TextChoices


class Status(TextChoices):
    """Workflow status of a filing; the only stored one (design: decision 3)."""

    DRAFT = "draft", "填报中"
    AWAITING_SIGNOFF = "awaiting_signoff", "待签发"
    SUBMITTED = "submitted", "已报待审"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已采纳"


class EntryKind(TextChoices):
    """What sort of row an entry is (design: who files what)."""

    PROGRESS = "progress", "牵头任务进展"
    CONTRIBUTION = "contribution", "配合任务情况"
    SUMMARY = "summary", "专项行动小结"
    MILESTONE = "milestone", "节点状态"
    READING = "reading", "指标数据"


class Decision(TextChoices):
    """What became of one entry. Open entries can be written; accepted ones are closed.

    A passed entry was accepted by a first reviewer and counts once a second one confirms it.
    """

    OPEN = "", "未审"
    PASSED = "passed", "初审通过"
    SENT_BACK = "sent_back", "签发退回"
    RETURNED = "returned", "审核退回"
    ACCEPTED = "accepted", "已采纳"


class ReturnCode(TextChoices):
    """Coded reasons for a return, so that returns can be counted."""

    R01 = "R01", "R01 内容空洞"
    R02 = "R02", "R02 数据与佐证不一致"
    R03 = "R03", "R03 佐证不足"
    R04 = "R04", "R04 漏项缺项"
    R05 = "R05", "R05 口径不符"
    R06 = "R06", "R06 问题原因不清"
    R09 = "R09", "R09 其他"


class Pace(TextChoices):
    """How the work runs, in the words of the quarterly form; the last four need a reason."""

    AS_PLANNED = "as_planned", "按计划进行"
    AHEAD = "ahead", "进度超前"
    DELAYED = "delayed", "拖延"
    STALLED = "stalled", "停顿"
    CHANGE_ASKED = "change_asked", "申请变更"
    END_ASKED = "end_asked", "申请终止"


class MilestoneState(TextChoices):
    """State of a dated deliverable."""

    NOT_BEGUN = "not_begun", "未启动"
    UNDER_WAY = "under_way", "进行中"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"


class ValueState(TextChoices):
    """A filed reading is a value (zero included) or 'no data' with a reason; never a blank that counts as zero."""

    VALUE = "value", "有数据"
    NO_DATA = "no_data", "本期无数据"


class Consent(TextChoices):
    """A cooperating department's word on what the lead wrote."""

    CONFIRMED = "confirmed", "同意"
    AMENDED = "amended", "补充修改"
    CONTESTED = "contested", "有异议"


class Timeliness(TextChoices):
    """Computed from the first submission, never rewritten by a return."""

    NOT_DUE = "not_due", "未到期"
    ON_TIME = "on_time", "按时"
    LATE = "late", "迟报"
    MISSING = "missing", "未报"
    NONE = "none", "不计时效"
    EXEMPT = "exempt", "免报"


class VintageKind(TextChoices):
    """Later values of a reading than the one filed (快报), in the order in which they count."""

    VERIFIED = "verified", "核定"
    SUPERIOR = "superior", "上级反馈"


class RuleKind(TextChoices):
    """What a cross-check (勾稽关系) compares."""

    PART = "part", "部分不大于总体"
    AGREE = "agree", "两项数据一致"
    RISING = "rising", "累计值不减"
    JUMP = "jump", "较历史突变"


class Severity(TextChoices):
    """What a cross-check that does not hold asks for."""

    INFO = "info", "提示"
    WARNING = "warning", "提醒，须说明"
    ERROR = "error", "错误，不能提交"
