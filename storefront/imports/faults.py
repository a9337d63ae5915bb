"""What is wrong with a file: each fault by line, column, value, what was expected and the fix."""

from collections import Counter
from dataclasses import dataclass

MAX_LISTED = 20
LONGEST_SHOWN = 60


class ImportRefused(Exception):
    """Nothing was imported; the message says why and what to do."""


class BadValue(Exception):
    """One value that cannot be imported: `reason` is its counter, `fix` what to do."""

    def __init__(self, reason: str, expected: str, fix: str) -> None:
        super().__init__(f"{reason}: expected {expected}; {fix}")
        self.reason = reason
        self.expected = expected
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad row."""

    line: int
    column: str
    value: str
    reason: str
    expected: str
    fix: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= LONGEST_SHOWN else f"{self.value[:LONGEST_SHOWN]}…"
        return f"line {self.line:,}, column {self.column}: {shown!a}; expected {self.expected}. {self.fix}"


class Faults:
    """Keeps the first faults and counts all, so that a file of nothing but faults costs no memory."""

    def __init__(self) -> None:
        self.first: list[Fault] = []
        self.by_reason: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many rows are bad."""
        return self.by_reason.total()

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it if it is among the first."""
        self.by_reason[fault.reason] += 1
        if len(self.first) < MAX_LISTED:
            self.first.append(fault)

    def refuse(self, file_name: str) -> None:
        """Raise if there is any fault.

        Raises:
            ImportRefused: lists the first faults and how many there are.
        """
        if not self.by_reason:
            return
        n_more = len(self) - len(self.first)
        lines = [f"{file_name} has {len(self):,} bad row{'s' if len(self) > 1 else ''}; nothing was imported."]
        lines += [f"  {fault}" for fault in self.first]
        lines += [f"  ... and {n_more:,} more."] if n_more else []
        lines.append("Correct them, or import the other rows with --skip-bad.")
        raise ImportRefused("\n".join(lines))
