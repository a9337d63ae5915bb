"""The admin pages of this package."""
