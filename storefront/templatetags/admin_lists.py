"""The template word of the admin's lists: each cell says which column it is of, for windows too narrow for columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def labelled(cells: Iterable[SafeString], headers: Sequence[Mapping[str, Any]]) -> Iterator[SafeString]:
    """Each of a row's finished cells with its column's name as `data-label`; the box that chooses the row has none.

    Args:
        cells: `<th ...>` and `<td ...>`, as Django's list makes them; it may add one for a hidden field at the end.
        headers: the columns, as Django's list describes them.
    """
    for cell, header in zip_longest(cells, headers):
        name = "" if header is None or "action-checkbox" in header["class_attrib"] else capfirst(header["text"])
        yield _label(cell, escape(name)) if name else cell


def _label(cell: SafeString, name: str) -> SafeString:
    tag, _, rest = cell.partition(" ")
    return mark_safe(f'{tag} data-label="{name}" {rest}')  # noqa: S308 - the cell is safe, and the name escaped
