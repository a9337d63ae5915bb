"""The admin pages of this package, gathered where Django looks for them."""

from recommendations.admin import alarms, campaigns, paid_acts, retraining

__all__ = ["alarms", "campaigns", "paid_acts", "retraining"]
