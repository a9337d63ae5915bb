"""Composition root: which of the project's parts stand at the packages' ports."""

from collections.abc import Callable, Mapping

from recommendations.alarms import gathering
from recommendations.events.consumer import Handler
from storefront.measuring import sink
from storefront.stopped_ramps import find_stopped_ramps
from storefront.waiting_letters import find_waiting_letters
from storefront.waiting_money import find_waiting_money

# Consumer groups beside the recommender's own, as named in `settings.EVENT_GROUPS` -> what makes their handlers.
EVENT_HANDLERS: Mapping[str, Callable[[], Handler]] = {sink.GROUP: lambda: sink.handle}


def connect() -> None:
    """Put the project's parts where packages ask for them; called once in each process."""
    gathering.ask_ramps_of(find_stopped_ramps)
    gathering.ask_money_of(find_waiting_money)
    gathering.ask_letters_of(find_waiting_letters)
