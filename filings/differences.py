"""What changed between two texts, word by word, and what was copied. Pure: texts in, pieces out.

Chinese has no spaces, so a word is a run of digits or letters, or one character. Pieces carry plain text; the
template escapes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

#: An unchanged run of at least this many characters in a changed text counts as copied.
COPIED = 12
#: A shorter unchanged run between two changes is read as part of the change, or the text falls into crumbs.
CRUMB = 2
#: Above this many pairs of equal words sentences are compared instead: difflib's work grows with them.
MOST_PAIRS = 100_000

_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]?")


class Change(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    COPIED = "copied"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True)
class Piece:
    """A run of text that shares one fate."""

    change: Change
    text: str


@dataclass(frozen=True)
class Difference:
    """Two texts side by side: the old one with what is gone, the new one with what was added or copied.

    `copied` is how much of the new text was copied, in whole per cent of its characters.
    """

    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    copied: int

    def without_copies(self) -> Difference:
        """The same with copied text as kept: between two versions of one text nothing is copied."""
        kept = (Piece(Change.KEPT, p.text) if p.change == Change.COPIED else p for p in self.new)
        return Difference(self.old, tuple(kept), 0)


def compare(old: str, new: str) -> Difference:
    """Compare two texts. An empty one gives no pieces; two equal ones are copied as a whole."""
    before, after = _units(old, new)
    olds: list[Piece] = []
    news: list[Piece] = []
    for is_kept, left, right in _runs(before, after):
        if is_kept:
            change = Change.COPIED if _weight(right) >= COPIED else Change.KEPT
            olds.append(Piece(Change.KEPT, left))
            news.append(Piece(change, right))
        else:
            olds.append(Piece(Change.GONE, left))
            news.append(Piece(Change.ADDED, right))
    copied = sum(_weight(piece.text) for piece in news if piece.change == Change.COPIED)
    return Difference(_joined(olds), _joined(news), 100 * copied // max(_weight(new), 1))


def replaced(old: str, new: str) -> Difference:
    """Two short values, such as a date or a choice: kept as a whole or changed as a whole, never copied."""
    if old == new:
        kept = _joined([Piece(Change.KEPT, new)])
        return Difference(kept, kept, 0)
    return Difference(_joined([Piece(Change.GONE, old)]), _joined([Piece(Change.ADDED, new)]), 0)


def listed(old: Sequence[str], new: Sequence[str]) -> Difference:
    """Two lists of short values, one a line: each kept, gone or added as a whole."""
    olds = [Piece(Change.KEPT if line in new else Change.GONE, f"{line}\n") for line in old]
    news = [Piece(Change.KEPT if line in old else Change.ADDED, f"{line}\n") for line in new]
    return Difference(tuple(olds), tuple(news), 0)


def _units(old: str, new: str) -> tuple[list[str], list[str]]:
    """The finest units that can be compared in reasonable time: words, else sentences, else the texts as they are."""
    for unit in (_WORD, _SENTENCE):
        before, after = [w for w in unit.findall(old) if w], [w for w in unit.findall(new) if w]
        often = Counter(after)
        if sum(often[word] for word in before) <= MOST_PAIRS:
            return before, after
    return [old], [new]


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterable[tuple[bool, str, str]]:
    """Runs of (kept?, old text, new text) in order, with crumbs joined to the changes around them."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    runs: list[tuple[bool, str, str]] = []
    codes = matcher.get_opcodes()
    for number, (tag, i1, i2, j1, j2) in enumerate(codes):
        left, right = "".join(before[i1:i2]), "".join(after[j1:j2])
        between_changes = 0 < number < len(codes) - 1
        is_kept = tag == "equal" and not (between_changes and _weight(right) <= CRUMB)
        if runs and runs[-1][0] == is_kept:
            last = runs.pop()
            left, right = last[1] + left, last[2] + right
        runs.append((is_kept, left, right))
    return runs


def _weight(text: str) -> int:
    """Characters that say something: no spaces, no punctuation at the ends."""
    return len("".join(text.split()).strip("，。；、：！？,.;:"))


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)
