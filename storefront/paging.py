"""A long list whose head stands in another order: pages of it, without reading the rest."""

from collections.abc import Sequence
from typing import Any, overload

from django.db.models import QuerySet


class Headed(Sequence[str]):
    """As many of a query's first items as the head holds, in the head's order, and behind them the query's others."""

    def __init__(self, head: Sequence[str], whole: QuerySet[Any, str]) -> None:
        """Stand for a whole list.

        Args:
            head: the query's first items, in any order.
            whole: all items; those behind the head are read when a page shows them.
        """
        self._head, self._whole = list(head), whole

    def __len__(self) -> int:
        return self._whole.count()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, int):
            return self._head[index] if index < len(self._head) else self._whole[index]
        start, stop, _ = index.indices(max(len(self._head), index.stop or len(self)))
        behind = self._whole[max(start, len(self._head)) : stop] if stop > len(self._head) else ()
        return [*self._head[start:stop], *behind]
