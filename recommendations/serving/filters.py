"""What a list may not hold: items that cannot be bought, were just bought, or stand elsewhere on the page."""

from collections.abc import Collection, Iterable


def keep(
    candidates: Iterable[str], *, k: int, available: Collection[str], withheld: Collection[str] = frozenset()
) -> list[str]:
    """The first `k` distinct candidates that are available and not withheld, in their order."""
    kept: dict[str, None] = {}
    for item_id in candidates:
        if len(kept) == k:
            break
        if item_id in available and item_id not in withheld:
            kept[item_id] = None
    return list(kept)
