"""Places in a ranking."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)


def competition_ranks(values: Mapping[Key, Any]) -> dict[Key, int]:
    """Competition ranks (1, 2, 2, 4) by key, greatest value first; whoever has None has no rank.

    Values compare with each other: numbers, or tuples of what decides first, second and so on.
    """
    sizes = [value for value in values.values() if value is not None]
    return {
        key: 1 + sum(other > value for other in sizes) for key, value in values.items() if value is not None
    }
