"""The admin pages of this package, gathered where Django looks for them."""

from recommendations.admin import campaigns, retraining

__all__ = ["campaigns", "retraining"]
