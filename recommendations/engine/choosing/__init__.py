"""What a training decides by itself: parts, their settings and their weights, on a cut of its data."""
