"""One table as it is exchanged: its columns, how a row finds its record, and what is said about a row that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import ManyToManyWidget

from harbor_plan.lib.exchange.columns import Choice, Column, Day, Number, Reference, Text, Whole, YesNo

#: The heading stands in the first row of the file.
HEAD_ROWS = 1


@dataclass(frozen=True)
class Change:
    """One cell before and after, as text."""

    title: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class RowProblem:
    """What is wrong: the row as a spreadsheet numbers it, the column's heading (empty for the whole row), a sentence."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        where = f"第{self.row}行" + (f"“{self.column}”" if self.column else "")
        return f"{where}：{self.sentence}"


class TableResult(Result):
    """What an import did, or would do."""

    titles: Mapping[str, str] = {}

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong; then nothing is written."""
        return bool(self.has_errors() or self.has_validation_errors())

    @property
    def problems(self) -> list[RowProblem]:
        """Everything that is wrong, in the order of the file; with a wrong heading nothing else is looked at."""
        if self.base_errors:
            return [RowProblem(HEAD_ROWS, "", str(each.error)) for each in self.base_errors]
        found = []
        for row in self.invalid_rows:
            for name, sentences in row.error_dict.items():
                column = "" if name == NON_FIELD_ERRORS else self.titles.get(name, name)
                found += [RowProblem(row.number + HEAD_ROWS, column, sentence) for sentence in sentences]
        for number, _ in self.row_errors():
            sentence = "这一行无法写入，可能与表中或系统中的另一行冲突；请核对编号、单位和日期"
            found.append(RowProblem(number + HEAD_ROWS, "", sentence))
        return sorted(found, key=lambda problem: problem.row)

    @property
    def changed(self) -> list[RowResult]:
        """The rows that are new or differ from what is stored; each one's `diff` is a list of `Change`."""
        return [row for row in self.rows if row.is_new() or row.is_update()]

    @property
    def words(self) -> str:
        """新增2行，修改1行，没有变化30行."""
        totals = ((RowResult.IMPORT_TYPE_NEW, "新增"), (RowResult.IMPORT_TYPE_UPDATE, "修改"))
        told = [f"{word}{self.totals[kind]}行" for kind, word in totals if self.totals[kind]]
        same = self.totals[RowResult.IMPORT_TYPE_SKIP]
        return "，".join([*told, f"没有变化{same}行"] if same else told) or "没有内容"


class _Cells:
    """The cells of one record before and after a row is read; the library calls this a diff."""

    def __init__(self, resource: TableResource, instance: models.Model, new: bool) -> None:
        self.titles = [field.column_name for field in resource.get_import_fields()]
        self.before = [""] * len(self.titles) if new else resource.texts(instance)
        self.after: list[str] = self.before

    def compare_with(self, resource: TableResource, instance: models.Model | None) -> None:
        self.after = resource.texts(instance) if instance is not None else [""] * len(self.titles)

    def as_html(self) -> list[Change]:
        """The library's name for it; ours is no markup, the template makes that."""
        return [Change(*cells) for cells in zip(self.titles, self.before, self.after, strict=True)]


class TableResource(ModelResource):
    """Base of all exchanged tables. A file is taken in whole or not at all; rows it does not name stay as they are.

    `Meta.fields` lists the columns in their order and `Meta.import_id_fields` the natural key. Plain columns follow
    from the model's fields; references are declared with `reference`.
    """

    class Meta:
        skip_unchanged = True
        use_transactions = True
        clean_model_instances = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seen: dict[tuple[str, ...], int] = {}

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        """A plain column with the model field's name as heading."""
        return Field(
            attribute=field_name,
            column_name=str(django_field.verbose_name),
            widget=_column(django_field),
            default=django_field.default,
            readonly=readonly,
        )

    @classmethod
    def get_result_class(cls) -> type[TableResult]:
        return TableResult

    @classmethod
    def get_diff_class(cls) -> type[_Cells]:
        return _Cells

    def texts(self, instance: models.Model) -> list[str]:
        """The record's cells as text, in the order of the columns."""
        return [str(field.export(instance)) for field in self.get_import_fields()]

    def import_data(self, dataset: tablib.Dataset, *args: Any, **kwargs: Any) -> TableResult:
        result: TableResult = super().import_data(dataset, *args, **kwargs)
        result.titles = {field.attribute: field.column_name for field in self.get_import_fields()}
        return result

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Refuse a heading that is not ours. Other columns than those of the key may be left out."""
        self._seen.clear()
        head = dataset.headers or []
        known = [field.column_name for field in self.get_import_fields()]
        keys = self._key_columns()
        wrong = [f"缺少“{name}”" for name in keys if name not in head]
        wrong += [f"多出“{name}”" for name in head if name not in known]
        wrong += [f"重复“{name}”" for name in known if head.count(name) > 1]
        if wrong:
            raise ValueError(f"表头不对：{'，'.join(wrong)}；请用导出的表格填写，不要改表头")

    def before_import_row(self, row: Mapping[str, str], **kwargs: Any) -> None:
        """Refuse blank rows and the second row with the same key."""
        if not any(row.values()):
            raise ValidationError("这一行是空的；请删去")
        number = int(kwargs["row_number"]) + HEAD_ROWS
        key = tuple(row.get(column, "").strip() for column in self._key_columns())
        first = self._seen.setdefault(key, number)
        if first != number:
            raise ValidationError(f"与第{first}行是同一项；请删去一行或改正")

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> models.Model | None:
        """The record a row is about; none where its key cannot be read, which is said when the columns are."""
        try:
            found: models.Model | None = super().get_instance(instance_loader, row)
        except ValueError:
            return None
        return found

    def import_instance(self, instance: models.Model, row: Mapping[str, str], **kwargs: Any) -> None:
        """Read every column and gather what is wrong by column."""
        errors: dict[str, ValidationError] = {}
        for field in self.get_import_fields():
            if field.readonly or field.column_name not in row:
                continue
            try:
                if isinstance(field.widget, ManyToManyWidget):
                    field.clean(row)  # written after the record itself
                else:
                    self.import_field(field, instance, row, **kwargs)
            except ValueError as error:
                errors[field.attribute] = ValidationError(str(error))
        if errors:
            raise ValidationError(errors)

    def _key_columns(self) -> list[str]:
        return [self.fields[name].column_name for name in self.get_import_id_fields()]


def reference(attribute: str, title: str, column: Reference) -> Field:
    """A column that names a row of another table."""
    return Field(attribute=attribute, column_name=title, widget=column)


def _column(field: Any) -> Column:
    """The column of a plain model field. A number or day must be there unless the model has it empty or a default."""
    required = not (field.blank or field.null or field.has_default())
    if field.choices:
        return Choice(field.choices, required=required)
    if isinstance(field, models.BooleanField):
        return YesNo(required=not field.null)
    if isinstance(field, models.DateField):
        return Day(required=required)
    if isinstance(field, models.DecimalField):
        return Number(required=required)
    if isinstance(field, models.IntegerField):
        return Whole(required=required)
    return Text(field.max_length, required=required)
