"""Choices that look random and are always the same: drawn from a hash of their key, never from a generator."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def number(below: int, *key: object) -> int:
    """A whole number from 0 to `below` − 1; the same for the same key on every machine."""
    text = "|".join(str(part) for part in key)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below


def happens(percent: int, *key: object) -> bool:
    """Whether something with a chance of so many per cent happens."""
    return number(100, *key) < percent


def pick(items: Sequence[T], *key: object) -> T:
    """One of the items, each as likely as the others."""
    return items[number(len(items), *key)]


def pick_by_share(shares: Sequence[tuple[T, int]], *key: object) -> T:
    """One of the items, each as likely as its share of the sum."""
    left = number(sum(share for _, share in shares), *key)
    for item, share in shares:
        left -= share
        if left < 0:
            return item
    raise AssertionError("a number below the sum lies in one of the shares")
