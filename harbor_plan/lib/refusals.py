"""Why a verb was refused. The sentence is for the person: what, where, what to do."""

from __future__ import annotations

from typing import Literal

Axis = Literal["window", "status", "permission", "content", "race"]

#: The answer's HTTP status by what refuses: a state that is no longer as seen is a conflict.
STATUS_OF: dict[Axis, int] = {"permission": 403, "window": 403, "status": 409, "race": 409, "content": 422}


class Refused(Exception):
    """A verb that may not happen now; `axis` says which of window, status, permission, content or race refuses."""

    def __init__(self, axis: Axis, sentence: str) -> None:
        super().__init__(sentence)
        self.axis: Axis = axis
        self.sentence = sentence


class AlreadyMoved(Refused):
    """Somebody else was faster. Says who did what and when."""

    def __init__(self, sentence: str) -> None:
        super().__init__("race", sentence)
