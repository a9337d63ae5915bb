"""Server-side charts: pure geometry in percentages of the plot, rendered by one template each."""
