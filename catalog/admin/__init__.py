"""The admin pages of this package, gathered where Django looks for them."""

from catalog.admin import book, drops, orders, payments, payouts, products, suspensions

__all__ = ["book", "drops", "orders", "payments", "payouts", "products", "suspensions"]
