"""Composition root: which of the project's parts stand at the packages' ports."""

from collections.abc import Callable, Mapping

from recommendations.events.consumer import Handler
from storefront.measuring import sink

# Consumer groups beside the recommender's own, as named in `settings.EVENT_GROUPS` -> what makes their handlers.
EVENT_HANDLERS: Mapping[str, Callable[[], Handler]] = {sink.GROUP: lambda: sink.handle}
