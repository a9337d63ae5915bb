"""The table of backends."""

from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.personalize.backend import PERSONALIZE
from recommendations.exceptions import InvalidInput
from recommendations.ports import Backend

BACKENDS: dict[str, Backend] = {each.name: each for each in (EMBEDDED, PERSONALIZE)}


def get_backend(name: str) -> Backend:
    """Return the backend of this name.

    Raises:
        InvalidInput: there is none; the message lists those there are.
    """
    try:
        return BACKENDS[name]
    except KeyError:
        raise InvalidInput(f"backend {name!r} is unknown; use one of: {', '.join(BACKENDS)}.") from None
