"""What is planted: a small file of the world that the running shop reads again and again."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "faults.json"
READ_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults of the homepage; nothing where all are 0.

    Attributes:
        page_s: what every homepage takes longer.
        treated_page_share: what it takes longer still under any variation but control, as a share of all its time.
        row_error_share: of the calls to a recommender that fail.
    """

    page_s: float = 0.0
    treated_page_share: float = 0.0
    row_error_share: float = 0.0

    def write(self, world_dir: Path) -> None:
        """Let the shop of this world know, within a second."""
        fresh = world_dir / f"{FILE}.new"
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(world_dir / FILE)


class FaultFile:
    """The plan as the file has it, at most half a second old."""

    def __init__(self, world_dir: Path) -> None:
        self._path = world_dir / FILE
        self._plan = FaultPlan()
        self._read_at = -READ_EVERY_S

    def read(self) -> FaultPlan:
        if time.monotonic() - self._read_at >= READ_EVERY_S:
            self._read_at = time.monotonic()
            self._plan = FaultPlan(**json.loads(self._path.read_text())) if self._path.exists() else FaultPlan()
        return self._plan
