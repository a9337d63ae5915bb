"""What is sold, as rows."""

from catalog.models.changes import ProductChange
from catalog.models.commands import MarketCommand, Suspension
from catalog.models.drops import Drop, DropSize
from catalog.models.market import Ask, Bid, Quote, Trade
from catalog.models.orders import Order, OrderStep, Payment
from catalog.models.payments import PaymentMethod, SandboxCharge, SandboxRequest
from catalog.models.payouts import Payout
from catalog.models.products import Brand, Category, Product, Variant
from catalog.models.watching import Watch

__all__ = [
    "Ask",
    "Bid",
    "Brand",
    "Category",
    "Drop",
    "DropSize",
    "MarketCommand",
    "Order",
    "OrderStep",
    "Payment",
    "PaymentMethod",
    "Payout",
    "Product",
    "ProductChange",
    "Quote",
    "SandboxCharge",
    "SandboxRequest",
    "Suspension",
    "Trade",
    "Variant",
    "Watch",
]
