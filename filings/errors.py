"""Why a verb was refused. The sentence is for the person: what, where, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from harbor_plan.lib.refusals import AlreadyMoved, Axis, Refused

__all__ = ["AlreadyMoved", "Axis", "Incomplete", "Problem", "Refused"]


@dataclass(frozen=True)
class Problem:
    """Something missing or odd in an entry. A warning may stand when it is explained; the rest blocks submission."""

    field: str
    sentence: str
    is_warning: bool = False


class Incomplete(Refused):
    """A filing that cannot be submitted yet: the problems by entry id."""

    def __init__(self, problems: dict[int, list[Problem]]) -> None:
        super().__init__("content", f"还有 {len(problems)} 项未填齐，请逐项补充后再提交。")
        self.problems = problems
