"""What a generated drop brings: the hour it opens, and how many pieces of each size the house has."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from catalog.art.spec import seed_of
from catalog.generation.products import GeneratedProduct

# When most are awake, in UTC.
OPENING_HOURS = (9, 19)
# The wanted are rarer.
MOST_PIECES, FEWEST_PIECES = 12, 2
LIMIT_PER_ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class GeneratedDrop:
    """When a drop opens, at what price in cents, with how many pieces of each size in the order of the sizes."""

    opens_at: datetime
    price_cents: int
    limit_per_account: int
    pieces: tuple[int, ...]


def make_stock(product: GeneratedProduct, at: datetime) -> GeneratedDrop | None:
    """The drop of a generated product; the same product always gets the same.

    Args:
        product: one of `make_drops`.
        at: the world's time; a drop whose day has begun opened with it, and its stock is long sold.

    Returns:
        None for what is no drop.
    """
    if not product.attributes.get("drop"):
        return None
    rng = random.Random(seed_of(f"{product.sku}/stock"))
    hour = rng.randrange(*OPENING_HOURS)
    most = round(MOST_PIECES - (MOST_PIECES - FEWEST_PIECES) * float(product.attributes["hype"]))
    pieces = tuple(rng.randint(1, max(2, most)) for _ in product.sizes)
    midnight = datetime.combine(product.released_on, time(), UTC)
    if product.released_on <= at.date():
        return GeneratedDrop(midnight, product.retail_price_cents, LIMIT_PER_ACCOUNT, ())
    opens_at = midnight + timedelta(hours=hour)
    return GeneratedDrop(opens_at, product.retail_price_cents, LIMIT_PER_ACCOUNT, pieces)
