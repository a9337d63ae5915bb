"""Pages of a long list: of one whose head stands in another order, and of one that was counted before."""

from collections.abc import Sequence
from typing import Any, overload

from django.core.paginator import Paginator
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


class Counted(Paginator):  # type: ignore[type-arg]
    """A paginator that is told how many items there are, and does not ask again."""

    def __init__(self, items: "Sequence[str] | QuerySet[Any, str]", per_page: int, *, n_items: int) -> None:
        super().__init__(items, per_page)
        self._n_items = n_items

    @property
    def count(self) -> int:
        return self._n_items
