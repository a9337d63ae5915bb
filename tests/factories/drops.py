"""Announced drops for tests, and a clock that can be moved past their opening."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_django import Settings

from catalog import conf
from catalog.dropping import announce
from catalog.models import Drop
from storefront.clock import Clock
from tests.factories.catalog import make_product, make_variant


def make_announced(
    *,
    opens_in: timedelta = timedelta(hours=2),
    price_cents: int = 18_000,
    n_pieces: int = 3,
    limit_per_account: int = 1,
    sizes: tuple[str, ...] = ("9",),
    **fields: Any,
) -> Drop:
    """A drop of a product of its own, with so many pieces in each size."""
    product = make_product(**fields)
    variants = [make_variant(product, size, position=number) for number, size in enumerate(sizes)]
    return announce(
        product_id=product.pk,
        opens_at=conf.now() + opens_in,
        price_cents=price_cents,
        pieces={variant.pk: n_pieces for variant in variants},
        limit_per_account=limit_per_account,
    )


def set_clock(settings: Settings, folder: Path, moment: datetime) -> Clock:
    """From now on the world's time runs on from that moment."""
    clock = Clock(folder / "clock.json")
    clock.set(moment)
    settings.CLOCK = clock
    return clock
