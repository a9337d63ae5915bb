"""Short lists as rows of inputs: no script to add one, no JSON to write by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import BaseRenderer
from django.utils.safestring import SafeString

# Two rows to fill beyond what is stored; saving gives two more.
BLANK_ROWS = 2

Row = dict[str, str]
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """One input of each row; `kind` is text, choice or flag."""

    name: str
    label: str
    kind: str = "text"
    choices: Choices = ()
    placeholder: str = ""
    input_mode: str = ""


class RowsWidget(forms.Widget):
    """A table of inputs named field-row-column; blank rows are left out."""

    template_name = "admin/experiments/forms/rows.html"

    def __init__(self, columns: Sequence[Column], noun: str, max_rows: int) -> None:
        super().__init__()
        self.columns, self.noun, self.max_rows = tuple(columns), noun, max_rows
        self.n_blank = BLANK_ROWS

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:  # noqa: ARG002
        rows = [
            {column.name: str(data.get(f"{name}-{place}-{column.name}", "")).strip() for column in self.columns}
            for place in range(self.max_rows)
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        return not any(key.startswith(f"{name}-") for key in data)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows: list[Row] = list(value or [])
        shown = rows + [{} for _ in range(min(self.n_blank, self.max_rows - len(rows)))]
        context["widget"] |= {
            "noun": self.noun,
            "columns": self.columns,
            "rows": [self._describe_row(name, place, row) for place, row in enumerate(shown)],
        }
        return context

    def _describe_row(self, name: str, place: int, row: Row) -> list[dict[str, Any]]:
        return [
            {
                "column": column,
                "name": f"{name}-{place}-{column.name}",
                "label": f"{self.noun} {place + 1}: {column.label}",
                "value": row.get(column.name, ""),
            }
            for column in self.columns
        ]

    def id_for_label(self, id_: str) -> str:  # noqa: ARG002
        """No label points at a table; each input names itself."""
        return ""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        # The app brings its template along wherever it is installed; the project's form renderer may not look there.
        del renderer
        return super().render(name, value, attrs, forms.renderers.TemplatesSetting())


class RowsField(forms.Field):
    """A list of rows; a subclass says what one row means, stored and shown."""

    noun = "Row"
    max_rows = 8

    def __init__(self, *, columns: Sequence[Column], **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(widget=RowsWidget(columns, self.noun, self.max_rows), **kwargs)
        self.columns = tuple(columns)

    def read_row(self, row: Row) -> dict[str, Any]:
        """What is stored of one row. Raises ValidationError naming the column and the fix."""
        raise NotImplementedError

    def show_row(self, stored: Mapping[str, Any]) -> Row:
        """A stored row as its inputs show it."""
        raise NotImplementedError

    def check_rows(self, rows: list[dict[str, Any]]) -> None:
        """Refuse rows that are fine alone and wrong together."""

    def prepare_value(self, value: Any) -> list[Row]:
        """Stored rows as inputs; rows that were just typed as they were typed."""
        rows = list(value or [])
        names = {column.name for column in self.columns}
        return [row if set(row) == names and _is_typed(row) else self.show_row(row) for row in rows]

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """The rows as they are stored, each fault with the row's number."""
        rows, faults = [], []
        for place, row in enumerate(value or [], start=1):
            try:
                rows.append(self.read_row(row))
            except ValidationError as error:
                faults += [f"{self.noun} {place}: {message}" for message in error.messages]
        if faults:
            raise ValidationError(faults)
        self.check_rows(rows)
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != list(initial or [])
        except ValidationError:
            return True


def _is_typed(row: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in row.values())
