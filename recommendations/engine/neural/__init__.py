"""Networks trained and served in numpy: cells with hand-written gradients, a sampled loss, an optimiser."""
