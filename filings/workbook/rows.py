"""The chosen rows of a workbook as django-import-export takes them in.

A row finds its entry by id, is read by the entry's own form, skipped when it changes nothing, and saved by the same
service as a page: the same permissions, window, version guard and history. The first refusal undoes all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from import_export.exceptions import ImportError as RowError
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult

from accounts.models import User
from filings.errors import Refused
from filings.forms.entry import EntryForm
from filings.models import Entry
from filings.services.entries import save_entry
from filings.workbook.fields import canonical


class EntryRows(Resource):
    """Rows with `entry` (id), `version` (as it was seen) and a column for each field, None where it is not asked."""

    entry = Field(column_name="entry")

    class Meta:
        import_id_fields = ["entry"]
        instance_loader_class = BaseInstanceLoader
        use_transactions = True
        skip_diff = True
        report_skipped = True

    def __init__(self, *, entries: Mapping[int, Entry], by: User, at: datetime) -> None:
        super().__init__()
        self.entries, self.by, self.at = entries, by, at
        self.forms: dict[int, EntryForm] = {}

    def get_instance(self, instance_loader: Any, row: Mapping[str, Any]) -> Entry:
        return self.entries[row["entry"]]

    def import_instance(self, instance: Entry, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Read the row by the entry's form; only text that stood unread before may stay unread."""
        form = EntryForm(_texts(row), entry=instance)
        self.forms[instance.pk] = form
        wrong = {name: list(said) for name, said in form.errors.items() if name not in still_unread(form)}
        if wrong:
            raise ValidationError(wrong)

    def skip_row(
        self, instance: Entry, original: Any, row: Mapping[str, Any], import_validation_errors: Any = None
    ) -> bool:
        form = self.forms[instance.pk]
        return not import_validation_errors and canonical(form) == canonical(EntryForm.of(instance))

    def save_instance(self, instance: Entry, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        values, unparsed = self.forms[instance.pk].outcome()
        save_entry(
            entry=instance,
            values=values,
            unparsed=unparsed,
            version=row["version"],
            by=self.by,
            at=self.at,
        )


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a row that its entry asks for."""
    return {name: text for name, text in row.items() if name not in ("entry", "version") and text is not None}


def still_unread(form: EntryForm) -> set[str]:
    """Fields whose text could not be read before either and stands as it stood."""
    typed = form.typed()
    return {name for name, text in form.entry.unparsed.items() if typed.get(name, "").strip() == text.strip()}


def take_in(
    rows: Mapping[int, tuple[int, Mapping[str, str]]],
    *,
    entries: Mapping[int, Entry],
    by: User,
    at: datetime,
) -> int:
    """Write rows, (version, texts) by entry id, all or none; the number that changed anything.

    Raises Refused with the reason of the first row that cannot be written.
    """
    names = sorted({name for _, texts in rows.values() for name in texts})
    data = tablib.Dataset(headers=["entry", "version", *names])
    for key, (version, texts) in rows.items():
        data.append([key, version, *(texts.get(name) for name in names)])
    try:
        result = EntryRows(entries=entries, by=by, at=at).import_data(data, raise_errors=True)
    except RowError as error:
        raise _refusal(error, entries) from error
    return int(result.totals[RowResult.IMPORT_TYPE_UPDATE])


def _refusal(error: RowError, entries: Mapping[int, Entry]) -> Exception:
    reason = error.error
    if isinstance(reason, ValidationError):
        title = entries[error.row["entry"]].title
        return Refused("content", f"“{title}”：{reason.messages[0]}")
    return reason if isinstance(reason, Exception) else error
