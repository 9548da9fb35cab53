"""Fixtures of the filing tests."""

import pytest

from tests.filings.scene import Scene


@pytest.fixture
def scene(db: None) -> Scene:
    """The second quarter of 2020, open now, with nothing written yet."""
    return Scene()
