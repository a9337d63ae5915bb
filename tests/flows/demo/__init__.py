"""Flows through the one demo shop that the tests share."""
