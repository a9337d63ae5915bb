"""What is sold, as rows."""

from catalog.models.market import Ask, Quote, Trade
from catalog.models.products import Brand, Category, Product, Variant

__all__ = ["Ask", "Brand", "Category", "Product", "Quote", "Trade", "Variant"]
