"""The admin pages of this package, gathered where Django looks for them."""

from recommendations.admin import alarms, campaigns, retraining

__all__ = ["alarms", "campaigns", "retraining"]
