"""Exposures on their way: into the event buffer with everything else, out of the stream by a group of their own."""

from collections.abc import Sequence

from experiments import exposures
from recommendations.events import buffer
from recommendations.events.schema import Exposed, Record
from recommendations.models import LiveErasure

GROUP = "exposures"


def send(exposed: exposures.Exposed) -> bool:
    """`settings.EXPOSURE_SINK`: leave an exposure for the stream; False where the buffer was full.

    It waits and is dropped and counted as every event is.
    """
    return buffer.record_exposed(
        Exposed(
            unit=exposed.unit,
            phase_id=exposed.phase_id,
            variation=exposed.variation,
            at=exposed.at,
            is_forced=exposed.is_forced,
            is_triggered=exposed.is_triggered,
            attributes=exposed.attributes,
        )
    )


def handle(records: Sequence[Record]) -> None:
    """The group's handler: write a batch's exposures in one statement; a repeated batch changes nothing.

    A shopper who asked to be forgotten while these were on their way stays forgotten.

    Raises:
        OperationalError: the database is out of reach; repeat the whole batch.
    """
    found = [record for record in records if isinstance(record, Exposed)]
    if not found:
        return
    asked = LiveErasure.objects.filter(shopper_key__in={one.unit for one in found})
    forgotten = dict(asked.values_list("shopper_key", "asked_at"))
    exposures.insert(
        [
            exposures.Exposed(
                unit=one.unit,
                phase_id=one.phase_id,
                variation=one.variation,
                at=one.at,
                is_forced=one.is_forced,
                is_triggered=one.is_triggered,
                attributes=one.attributes,
            )
            for one in found
            if one.unit not in forgotten or one.at > forgotten[one.unit]
        ]
    )
