"""Why a card stands where it stands, in words: only what the shopper really did, and what the model itself names."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recommendations.serving.acts import telling_acts
from storefront.accounts.models import User
from storefront.page_view import PageView

# What was done with another item, and with this very one; the words for each act of `serving.acts.TELLING`.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "product_view": ("Because you viewed {name}", "You viewed this before"),
        "watch": ("Because you watch {name}", "You watch this"),
        "ask": ("Because you offered {name}", "You offered this before"),
        "bid": ("Because you bid on {name}", "You bid on this"),
        "purchase": ("Because you bought {name}", "You bought this before"),
    }
)
# Who signs up and out again within so long is told on for the rest of it.
OWNED_TTL_S = 60.0
MAX_KEYS = 10_000

# Shopper key -> whether it is an account's, and when that was read.
_owned: dict[str, tuple[bool, float]] = {}


@dataclass(frozen=True, slots=True)
class Because:
    """An item of the shopper's history that pulled another up, and what they did with it."""

    item_id: str
    act: str

    def to_words(self, item_id: str, name: str) -> str:
        """The reason as a card says it.

        Args:
            item_id: what the card shows.
            name: of the reason's item; without one there is nothing to say, unless the card shows that very item.
        """
        of_another, of_itself = WORDS[self.act]
        if item_id == self.item_id:
            return of_itself
        return of_another.format(name=name) if name else ""


def find_reasons(view: PageView, because: Mapping[str, str]) -> dict[str, Because]:
    """The reasons that can be told.

    Args:
        view: whose page it is; nothing is told to a shopper of whom nothing is recorded, nor on a device that an
            account has left: whoever looks may be somebody else, and no business of theirs is what its owner bought.
        because: recommended item -> the item of the history that pulled it up, as the recommender has it.

    Returns:
        Recommended item -> its reason, where the shop knows of something that the shopper did with it.
    """
    if not because or not view.shopper.is_tracked:
        return {}
    acts = telling_acts(view.shopper.shopper_key, because.values(), view.recent_events)
    if not acts or _is_left(view):
        return {}
    return {item_id: Because(of, acts[of]) for item_id, of in because.items() if of in acts}


def _is_left(view: PageView) -> bool:
    """Whether the key is an account's that is not signed in."""
    return not view.is_signed_in and _is_owned(view.shopper.shopper_key)


def _is_owned(shopper_key: str) -> bool:
    is_owned, read_at = _owned.get(shopper_key, (False, -OWNED_TTL_S))
    if time.monotonic() - read_at < OWNED_TTL_S:
        return is_owned
    is_owned = User.objects.filter(shopper_key=shopper_key).exists()
    if len(_owned) >= MAX_KEYS:
        _owned.clear()
    _owned[shopper_key] = (is_owned, time.monotonic())
    return is_owned
