"""The words of notices, deliveries and supervision orders. No models here, so rules and models share them."""

from django.db.models import TextChoices


class NoticeKind(TextChoices):
    """What a department, or the office, is told."""

    REMINDER = "reminder", "催办"
    OVERDUE = "overdue", "逾期"
    EXTENSION = "extension", "延期"
    DUE = "due", "到期提醒"
    RETURNED = "returned", "退回待改"
    UNSIGNED = "unsigned", "待签发"
    UNREVIEWED = "unreviewed", "待审"
    ORDER = "order", "督办"
    COUNTERSIGN = "countersign", "待会签"
    ANSWER = "answer", "待答复"
    EXEMPTION = "exemption", "免报"


#: Somebody of the department signs for these (签收); the others are reminders that pass.
SIGNED_FOR = frozenset({NoticeKind.REMINDER, NoticeKind.OVERDUE, NoticeKind.EXTENSION})


class Via(TextChoices):
    """How a digest leaves the system."""

    EMAIL = "email", "邮件"
    WEBHOOK = "webhook", "群机器人"


class DeliveryState(TextChoices):
    """At most once: a message whose fate is not known is doubtful, and only a person sends it again."""

    QUEUED = "queued", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "未送达"
    DOUBTFUL = "doubtful", "结果不明"


class ChannelKind(TextChoices):
    """Whose group robot a channel speaks to."""

    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    FEISHU = "feishu", "飞书"
    GENERIC = "generic", "通用 JSON"


class Level(TextChoices):
    """Of a supervision order (督办单), mildest first: reminder, behind schedule or poor quality, overdue."""

    BLUE = "blue", "蓝色督办"
    YELLOW = "yellow", "黄色督办"
    RED = "red", "红色督办"


#: From mild to severe.
LEVELS = (Level.BLUE, Level.YELLOW, Level.RED)


class OrderStatus(TextChoices):
    """Where an order stands; the only stored workflow column of it."""

    ISSUED = "issued", "待签收"
    WORKING = "working", "整改中"
    REPORTED = "reported", "待核查"
    CHECKED = "checked", "待销号"
    CLOSED = "closed", "已销号"
    WITHDRAWN = "withdrawn", "已撤销"


#: One of these per task at most (一事一单).
OPEN = frozenset({OrderStatus.ISSUED, OrderStatus.WORKING, OrderStatus.REPORTED, OrderStatus.CHECKED})
