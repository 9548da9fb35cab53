"""Periods and windows, a department's quarter, its entries with their evidence, joint work, and their history."""

from filings.models.crosscheck import CrossClosing, CrossRule
from filings.models.entry import Entry
from filings.models.evidence import Attachment, EvidenceFile
from filings.models.filing import Filing, Substitute
from filings.models.history import EntryVersion, Move
from filings.models.items import ItemProgress
from filings.models.joint import Countersignature
from filings.models.period import Exemption, Extension, Period
from filings.models.review import Remark, ReviewRule
from filings.models.special_day import SpecialDay
from filings.models.vintage import Vintage
from filings.models.workbook import WorkbookUpload

__all__ = [
    "Attachment",
    "Countersignature",
    "CrossClosing",
    "CrossRule",
    "Entry",
    "EntryVersion",
    "EvidenceFile",
    "Exemption",
    "Extension",
    "Filing",
    "ItemProgress",
    "Move",
    "Period",
    "Remark",
    "ReviewRule",
    "SpecialDay",
    "Substitute",
    "Vintage",
    "WorkbookUpload",
]
