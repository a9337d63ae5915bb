"""A ramp under test: its clock, its planted facts, its units, and the controller's ticks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from experiments import controller
from experiments.models import Experiment, Exposure, Phase, RampChange
from experiments.sources import RowHealth
from tests.fakes.planted import SOURCE, Planted

BEGINNING = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEALTHY = RowHealth(n=500, errors=2, fallback=10, p95_ms=80.0)


@dataclass
class Ramp:
    """What tests move by hand."""

    key: str
    now: datetime = BEGINNING
    source: Planted = field(default_factory=lambda: SOURCE)
    n_exposed: int = 0

    @property
    def experiment(self) -> Experiment:
        return Experiment.objects.select_related("flag").get(key=self.key)

    @property
    def phase(self) -> Phase:
        return Phase.objects.get(experiment__key=self.key, ended_at__isnull=True)

    @property
    def status(self) -> str:
        return self.experiment.status

    @property
    def newest(self) -> RampChange:
        return RampChange.objects.filter(experiment__key=self.key)[0]

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def tick(self) -> list[RampChange]:
        return controller.tick(self.now)

    def expose(self, *, n_crossover: int = 0, **n_units: int) -> None:
        """So many more units of each variation, a second ago."""
        ids = {row.key: row.pk for row in self.experiment.variations.all()}
        rows = []
        for variation, n in n_units.items():
            for _ in range(n):
                self.n_exposed += 1
                rows.append(self._unit(ids[variation], is_crossover=n_crossover > 0))
                n_crossover -= 1
        Exposure.objects.bulk_create(rows)

    def _unit(self, variation_id: int, *, is_crossover: bool) -> Exposure:
        return Exposure(
            phase=self.phase,
            unit=f"unit-{self.n_exposed}",
            variation_id=variation_id,
            first_at=self.now - timedelta(seconds=1),
            is_crossover=is_crossover,
        )
