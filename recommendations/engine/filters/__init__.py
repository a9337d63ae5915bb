"""Filters in Amazon Personalize's language: read, checked against the columns there are, and made into masks."""
