"""What to show beside an item: the live campaign of a rotation that relates items, else its category's most popular."""

from collections.abc import Collection

from recommendations import items, shared_lists
from recommendations.ports import Shopper
from recommendations.serving import bought, filters
from recommendations.serving.asking import ask_for
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import Served


def similar_items(
    shopper: Shopper,
    item_id: str,
    *,
    category_id: int,
    rotation: str,
    k: int,
    withheld: Collection[str] = frozenset(),
) -> Served:
    """Up to `k` items that belong beside an item, topped up with the most popular of its category.

    Args:
        shopper: who looks at the item. Beside it stands the same for everybody, without what they bought.
        item_id: the item.
        category_id: its category.
        rotation: the key of the rotation whose live campaign relates items.
        k: how many items the page shows.
        withheld: items that the page shows elsewhere.

    Returns:
        Items and where they came from: `personal` where the campaign gave any, `popular` where the category did. A
        category that has too little to sell makes a short list, never one of strangers.
    """
    key = shopper.shopper_key if shopper.is_tracked else ""
    kept_out = {item_id, *withheld, *(bought.bought_items(key) if key else ())}
    asked, chosen = ask_for(
        rotation, k, lambda item_ids: _keep(item_ids, k, kept_out), len(kept_out), user_id=key, item_id=item_id
    )
    if asked.answer and asked.answer.is_general:
        # The category's own most popular are nearer to the item than everybody's.
        chosen = []
    rung = Rung.PERSONAL if chosen else Rung.POPULAR
    if len(chosen) < k:
        popular = items.popular_in_category(category_id, shared_lists.read(shared_lists.MOST_POPULAR))
        chosen += _keep(popular, k - len(chosen), kept_out | set(chosen))
    backend_id = asked.answer.recommendation_id if asked.answer and rung is Rung.PERSONAL else ""
    return Served(tuple(chosen), rung, rotation, asked.campaign_arn, backend_id, asked.error)


def _keep(candidates: Collection[str], k: int, withheld: Collection[str]) -> list[str]:
    return filters.keep(candidates, k=k, available=items.available_among(candidates), withheld=withheld)
