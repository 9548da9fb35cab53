"""Text that a spreadsheet would run as a formula (CWE-1236): how it is recognised, escaped and taken back.

Spreadsheets take a cell for a formula by its first character, in a text file as in a workbook; the full-width
forms, which Chinese input methods write, are read like the plain ones by some of them.
"""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ESCAPE = "'"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run this text."""
    return text.startswith(STARTS)


def escape(text: str) -> str:
    """The text as spreadsheets keep it as text: with an apostrophe in front where it looks like a formula."""
    return ESCAPE + text if is_formula(text) else text


def unescape(text: str) -> str:
    """The text without the apostrophe that `escape` put in front; an apostrophe of its own stays."""
    inner = text.removeprefix(ESCAPE)
    return inner if is_formula(inner) else text
