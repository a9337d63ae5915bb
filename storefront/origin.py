"""Where a world's data came from: simulated or imported, never both."""

from catalog.models import Product
from recommendations.models import Interaction
from storefront.simulation.parameters import SIMULATED_KEY

# What an imported product's attributes say, so that the rows themselves tell.
ORIGIN, IMPORTED = "origin", "import"
MARK = {ORIGIN: IMPORTED}


class OriginMixed(Exception):
    """Simulated and imported data would meet in one world; the message names the fix."""


def require_no_import() -> None:
    """Refuse to simulate where a real shop's data lies.

    Raises:
        OriginMixed: an imported product exists.
    """
    if Product.objects.filter(attributes__contains=MARK).exists():
        raise OriginMixed(
            "This world holds an imported catalogue; simulated shoppers would be mixed with real ones. "
            "Simulate in a world of its own: set WORLD=demo (or another name)."
        )


def require_no_simulation() -> None:
    """Refuse to import where invented products or shoppers are.

    Raises:
        OriginMixed: an invented product or a simulated shopper exists.
    """
    has_shoppers = Interaction.objects.filter(shopper_key__startswith=SIMULATED_KEY).exists()
    if has_shoppers or Product.objects.exclude(attributes__contains=MARK).exists():
        raise OriginMixed(
            "This world holds invented products or simulated shoppers; imported data would be mixed with them. "
            "Import into an empty world of its own: set WORLD=online_retail (or another name)."
        )
