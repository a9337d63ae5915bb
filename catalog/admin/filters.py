"""A list narrowed by whether a field is set, in the words of its list."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import EmptyFieldListFilter
from django.contrib.admin.views.main import ChangeList


def presence_filter(title: str, *, without: str, having: str) -> type[EmptyFieldListFilter]:
    """Django's filter of empty fields, which says "Empty" and "Not empty", with words of its own.

    Args:
        title: what the choice is about, after "By".
        without: what rows without a value are called.
        having: what rows with one are called.
    """

    class PresenceFilter(EmptyFieldListFilter):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.title = title

        def choices(self, changelist: ChangeList) -> Iterator[Any]:
            for choice in super().choices(changelist):
                # A count may follow, in brackets.
                told = choice["display"].replace("Not empty", having).replace("Empty", without)
                yield {**choice, "display": told}

    return PresenceFilter
