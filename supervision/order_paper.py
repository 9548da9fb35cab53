"""A supervision order on paper: the same fields printed from the page and as a .docx file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from harbor_plan.lib import zh
from harbor_plan.lib.docx import Paper, TableColumn
from harbor_plan.lib.moments import local, local_day
from supervision.models import SupervisionOrder

#: Where somebody signs by hand.
BLANK = "签字：　　　　　　　　年　　月　　日"
COLUMNS = (TableColumn("项目", 30, "center"), TableColumn("内容", 126))


@dataclass(frozen=True)
class Line:
    """One row of the form: its name and its text; `is_box` is a row that somebody fills or signs."""

    label: str
    text: str
    is_box: bool = False


def title(order: SupervisionOrder) -> str:
    return f"{order.plan.short_name}督办单"


def lines(order: SupervisionOrder) -> list[Line]:
    """The rows of the form, filled as far as the order has come."""
    return [
        Line("督办事项", f"任务 {order.task}"),
        Line("督办级别", order.get_level_display()),
        Line("督办单位", str(order.department)),
        Line("督办事由", order.reason),
        Line("办理要求", order.demand),
        Line("整改期限", zh.day(order.rectify_by)),
        Line("签收", _box("", order.signed_by, order.signed_at), True),
        Line("整改反馈", _box(_feedback(order), order.reported_by, order.reported_at), True),
        Line("核查意见", _box(order.check_note, order.checked_by, order.checked_at), True),
        Line("销号", _closing(order), True),
    ]


def _box(text: str, by: User | None, at: datetime | None) -> str:
    """What was written, by whom and when; a place to sign while nobody has."""
    if by is None or at is None:
        return BLANK
    signed = f"{by}　{zh.moment(local(at))}"
    return f"{text}\n{signed}" if text else signed


def _feedback(order: SupervisionOrder) -> str:
    names = "、".join(evidence.name for evidence in order.proofs)
    return f"{order.feedback}\n佐证材料：{names}" if names else order.feedback


def _with_room(line: Line) -> str:
    """An empty box with lines to write on above the place to sign."""
    return f"\n\n{line.text}" if line.text == BLANK else line.text


def _closing(order: SupervisionOrder) -> str:
    text = f"批准人：{order.approver}" if order.approver else ""
    return _box(text, order.closed_by, order.closed_at)


def file_name(order: SupervisionOrder) -> str:
    return f"{order.number}督办单.docx"


@transaction.atomic
def order_file(*, order: SupervisionOrder, by: User, at: datetime) -> bytes:
    """The order as a .docx file; that it was taken is recorded."""
    record(verb="order.export", subject=order, by=by, at=at)
    mark = "演示数据：数值、人员和办理经过均为虚构" if order.plan.has_demo_data else ""
    paper = Paper(subject=f"{order}", author=str(order.plan.office), at=at, mark=mark)
    paper.number(order.number)
    paper.title(title(order))
    paper.addressee(str(order.department))
    paper.text("现将下列事项予以督办，请签收后按要求整改，在期限内反馈整改情况。")
    paper.table(COLUMNS, [(line.label, _with_room(line)) for line in lines(order)])
    paper.signature(str(order.plan.office), zh.day(local_day(order.issued_at)))
    return paper.content()
