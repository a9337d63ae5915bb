"""Before the start: from what is measured today to how many units, how many weeks and which effect."""
