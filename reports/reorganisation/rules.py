"""What a reorganisation may be: small predicates that answer with the sentence of their refusal, empty when fine. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from departments.models import Department, SuccessionKind


def why_not_shaped(kind: str, before: Sequence[str], known: Sequence[str], new: Sequence[str]) -> str:
    """Units by name: those that end, successors that exist already, successors that are set up."""
    after = [*known, *new]
    if not before:
        return "请选择原单位。"
    if twice := next((name for name in after if name in before), ""):
        return f"{twice}既是原单位又是承接单位；单位不能并入、更名为或划转到自己，请改正其中一处。"
    if twice := next((name for name in after if after.count(name) > 1), ""):
        return f"承接单位“{twice}”写了两次，请删去一处。"
    if (
        kind
        in (
            SuccessionKind.RENAME,
            SuccessionKind.SPLIT,
            SuccessionKind.TRANSFER,
            SuccessionKind.ABOLITION,
        )
        and len(before) > 1
    ):
        return f"{SuccessionKind(kind).label}一次办理一个原单位，请分开登记。"
    return _why_not_followed(SuccessionKind(kind), before, known, new)


def _why_not_followed(
    kind: SuccessionKind, before: Sequence[str], known: Sequence[str], new: Sequence[str]
) -> str:
    after = len(known) + len(new)
    if kind == SuccessionKind.RENAME and (after != 1 or known):
        return "更名须填写一个新名称；并入已有单位请选“合并”。"
    if kind == SuccessionKind.MERGE and after != 1:
        return "合并须有一个承接单位：选择已有单位，或填写新设单位的名称。"
    if kind == SuccessionKind.MERGE and new and len(before) < 2:
        return "合并成新单位的，至少选择两个原单位；只有一个的请选“更名”。"
    if kind == SuccessionKind.SPLIT and after < 2:
        return "分设须有两个以上承接单位。"
    if kind == SuccessionKind.TRANSFER and after != 1:
        return "划转须有一个承接单位。"
    if kind == SuccessionKind.ABOLITION and new:
        return "撤销的单位只能由已有单位承接；有新设单位的请选“更名”“合并”或“分设”。"
    return ""


def why_not_on(department: Department, on: date) -> str:
    """Why a unit cannot end on a day."""
    if department.valid_to:
        return f"{department}已于 {department.valid_to:%Y-%m-%d} 撤销，不能再次变动。"
    if department.valid_from and department.valid_from >= on:
        return f"{department}于 {department.valid_from:%Y-%m-%d} 设立，变动的生效日期须在此之后。"
    return ""


def why_not_taking(department: Department, on: date) -> str:
    """Why an existing unit cannot take over on a day."""
    if department.valid_from and department.valid_from > on:
        return f"{department}到 {department.valid_from:%Y-%m-%d} 才设立，{on:%Y-%m-%d} 还不能承接；请改生效日期。"
    if department.valid_to:
        return f"{department}已于 {department.valid_to:%Y-%m-%d} 撤销，不能承接；请改为其承接单位。"
    if department.convenor_id or not department.owes:
        return f"{department}自己不报送，不能承接；请改为自己报送的单位。"
    return ""
