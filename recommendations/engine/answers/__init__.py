"""From a fitted model to a list: scores, the best of them, and the reasons for them."""
