"""What settings tell the experiments of this shop: its unit, what is known of one, and what a payload may say."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from experiments.conf import Unit
from experiments.hooks import PayloadRules
from storefront.devices import DEVICES
from storefront.second_row.payload_rules import RowPayloads

NEW, RETURNING = "new", "returning"
# What is known of a shopper at a view, before they see anything of it, and its values.
ATTRIBUTES: Mapping[str, Sequence[str]] = {
    "device": DEVICES,
    "history": (NEW, RETURNING),
    "signed_in": ("yes", "no"),
}
# What no variation can change. A look at one product makes the new returning: by that, results are told apart only.
ELIGIBILITY: Sequence[str] = ("device",)
PAYLOADS: PayloadRules = RowPayloads()
# Whoever looks at the homepage or at a product can take part.
TRAFFIC_FACTS: Sequence[str] = ("row_views", "events:product_view")
# The tested row beside the one above it on the results page: what was served, seen of it, clicked of that, bought then.
FUNNEL: Mapping[str, Mapping[str, str]] = {
    "The tested row": {"Seen": "row_two_seen", "Clicked": "row_two_ctr", "Bought": "row_two_bought"},
    "Most Popular": {"Seen": "most_popular_seen", "Clicked": "most_popular_ctr", "Bought": "most_popular_bought"},
}


def find_rotation_uses(rotation_key: str) -> Sequence[str]:
    """`settings.ROTATION_USES`: what shows a rotation's campaign, in words."""
    from storefront.rotation_uses import find_uses

    return find_uses(rotation_key)


def find_unit(request: HttpRequest) -> Unit:
    """The request's shopper, with the facts that the page has of them, so that a flag decides as the page does."""
    # Settings name this before models can be loaded.
    from storefront.page_view import PageView

    view = PageView.of(request)
    return Unit(
        view.unit,
        is_bot=view.shopper.is_bot,
        has_consent=view.shopper.has_consent,
        attributes=view.attributes,
    )
