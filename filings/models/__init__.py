"""Periods and windows, a department's quarter, its entries, and their history."""

from filings.models.entry import Entry
from filings.models.filing import Filing, Substitute
from filings.models.history import EntryVersion, Move
from filings.models.period import Extension, Period

__all__ = ["Entry", "EntryVersion", "Extension", "Filing", "Move", "Period", "Substitute"]
