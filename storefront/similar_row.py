"""The product page's row: what belongs beside the product."""

from catalog.models import Product
from recommendations.serving.fallback import Rung
from recommendations.serving.similar import similar_items
from storefront.page_rotations import SIMILAR
from storefront.page_view import PageView
from storefront.rows import Row, count, finish
from storefront.second_row.plans import Plan, timed
from storefront.shelves import CARDS_PER_ROW

TITLE = "Similar Items"
NOTE = "What shoppers look at and buy beside this one"


def build_similar_row(view: PageView, product: Product) -> Row | None:
    """The row under a product, recorded as served to a tracked shopper.

    Args:
        view: who looks.
        product: with its category.

    Returns:
        The row, named for what it holds: similar items, or the category's most popular while no campaign relates any.
        None where there is nothing to show.
    """
    plan = timed(lambda: _plan(view, product))
    if not plan.served.item_ids:
        return None
    count([plan])
    (row,) = finish([plan], view)
    return row if row.item_ids else None


def _plan(view: PageView, product: Product) -> Plan:
    served = similar_items(
        view.shopper,
        product.sku,
        category_id=product.category_id,
        rotation=SIMILAR,
        k=CARDS_PER_ROW,
        withheld=view.hidden,
    )
    if served.rung is Rung.PERSONAL:
        return Plan(SIMILAR, TITLE, NOTE, served)
    return Plan(SIMILAR, f"Popular in {product.category.name}", "", served)
