"""The error of statistics asked for wrongly; thin or odd data is an `Inconclusive` answer instead."""

from __future__ import annotations

from typing import ClassVar


class StatsError(ValueError):
    """An argument that no data could justify: a negative count, a level outside 0..1, a sum that is not finite.

    Args:
        argument: name of the argument at fault.
        message: what is wrong with it and how to put it right.
    """

    code: ClassVar[str] = "stats_error"

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument
