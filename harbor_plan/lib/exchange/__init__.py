"""Tables of reference data out to people and back: django-import-export with our own columns, files and sentences.

A table goes out with Chinese headings, natural keys instead of ids and labels instead of stored keys, and comes back
the same way. What cannot be read is said by row and column; a formula is never taken in (`harbor_plan.lib.formulas`).
"""

from harbor_plan.lib.exchange.columns import Listing, Reference, References, Text
from harbor_plan.lib.exchange.files import FORMATS, Csv, Unreadable, Xlsx
from harbor_plan.lib.exchange.resource import Change, RowProblem, TableResource, TableResult, reference

__all__ = [
    "FORMATS",
    "Change",
    "Csv",
    "Listing",
    "Reference",
    "References",
    "RowProblem",
    "TableResource",
    "TableResult",
    "Text",
    "Unreadable",
    "Xlsx",
    "reference",
]
