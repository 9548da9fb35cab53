"""The words of a digest: notices by kind, each with its department."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from supervision.models import Notice
from supervision.terms import NoticeKind


@dataclass(frozen=True)
class Message:
    """What is sent, whichever way."""

    subject: str
    text: str


def compose(notices: Sequence[Notice]) -> Message:
    """One message for all of these notices, which come with their department, period and plan."""
    kinds = [(kind, [n for n in notices if n.kind == kind]) for kind in NoticeKind]
    kinds = [(kind, of_kind) for kind, of_kind in kinds if of_kind]
    counts = "、".join(f"{kind.label} {len(of_kind)} 条" for kind, of_kind in kinds)
    lines = []
    for kind, of_kind in kinds:
        lines.append(f"【{kind.label}】")
        lines += [f"· {n.department}：{n.text}" for n in of_kind]
    lines.append("")
    lines.append(f"请登录系统办理：{settings.SITE_URL}" if settings.SITE_URL else "请登录系统办理。")
    plans = {notice.period.plan_id: notice.period.plan for notice in notices}.values()
    names = "、".join(f"{plan.short_name}{'（演示数据）' if plan.has_demo_data else ''}" for plan in plans)
    subject = " ".join(f"{names}：{counts}".split())  # a line break has no place in a mail's head
    return Message(subject[:200], "\n".join(lines))
