"""Interactions out: a clickstream into the store, once, never beside another or an import."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan

from django.db import transaction

from recommendations.models import Interaction
from storefront.origin import require_no_import
from storefront.progress import Report
from storefront.simulation import record
from storefront.simulation.clickstream import Clickstream, simulate
from storefront.simulation.deeds import EVENT_TYPES
from storefront.simulation.parameters import SIMULATED_KEY, Parameters
from storefront.simulation.reading import read_shelf
from storefront.simulation.record import Past
from storefront.simulation.shelf import Shelf
from storefront.staging import copy_line, copying, in_blocks, staging_table, store_staged

LINES_A_REPORT = 20_000


class SimulationRefused(Exception):
    """The world holds another simulation; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a run wrote: nothing where the same simulation was there before."""

    counts: dict[str, int]
    n_new: int
    repeat_share: float


def seed_shoppers(parameters: Parameters, *, ends_at: datetime, report: Report) -> Seeded | None:
    """Simulate and store, in one transaction; None where the world holds this simulation already.

    Args:
        parameters: who comes, how often.
        ends_at: the world's now; the simulated days end there.
        report: told the share done, 0..1, and a note.

    Raises:
        SimulationRefused: the world holds a simulation of other parameters.
        OriginMixed: the world was imported.
        ValueError: there is no product to look at.
    """
    require_no_import()
    if _is_done(parameters):
        return None
    report(0.0, "reading the catalogue")
    shelf = read_shelf()
    report(0.02, "simulating")
    stream = simulate(parameters, shelf, ends_s=ends_at.timestamp())
    with transaction.atomic():
        with staging_table():
            with copying() as copy:
                for block in in_blocks(_lines(stream, shelf, report)):
                    copy.write(block)
            report(0.6, "storing")
            stored = store_staged()
        # Before the commit: a record without interactions is ignored, interactions without a record are refused.
        record.write(Past(parameters, ends_at), stream)
    report(1.0, "done")
    return Seeded(stream.counts(), stored.n_new, stream.repeat_share)


def _is_done(parameters: Parameters) -> bool:
    if not Interaction.objects.filter(shopper_key__startswith=SIMULATED_KEY).exists():
        return False
    held = record.read()
    if held is not None and held.parameters.chosen == parameters.chosen:
        return True
    kept = ", ".join(f"{name} {value}" for name, value in held.parameters.chosen.items()) if held else ""
    raise SimulationRefused(
        f"This world holds another simulation ({kept or 'its record is lost'}); two would be mixed up. "
        "Use a world of its own (WORLD=another), or delete this one's folder under var/ and start again."
    )


def _lines(stream: Clickstream, shelf: Shelf, report: Report) -> Iterator[str]:
    columns = zip(
        stream.event_id,
        stream.shopper.tolist(),
        stream.session.tolist(),
        stream.item.tolist(),
        stream.code.tolist(),
        stream.value_cents.tolist(),
        stream.at_ms.tolist(),
        strict=True,
    )
    for number, (event_id, shopper, session, item, code, cents, at_ms) in enumerate(columns):
        if number % LINES_A_REPORT == 0:
            report(0.1 + 0.5 * number / len(stream), f"{number:,} of {len(stream):,}")
        yield copy_line(
            event_id,
            stream.key_of(shopper),
            f"sim-{session + 1}",
            shelf.skus[item],
            EVENT_TYPES[code],
            None if isnan(cents) else cents / 100,
            datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(),
        )
