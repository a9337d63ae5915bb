"""Forgets shoppers in all rooms: what is kept ready of them, and which experiments they were seen in."""

from collections.abc import Iterable

from experiments import exposures
from recommendations.serving.forgetting import forget_shoppers
from storefront.hiding import forget_hidden


def forget(shopper_keys: Iterable[str]) -> None:
    """Erase live state, exposures and hidden items of these keys now; what is on its way is erased when it comes.

    Args:
        shopper_keys: as cookies and accounts hold them.
    """
    keys = list(shopper_keys)
    # Noted first: exposures still in the stream are held back by that note.
    forget_shoppers(keys)
    exposures.forget(keys)
    forget_hidden(keys)
