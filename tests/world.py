"""A pytest plugin loaded before Django reads its settings: tests run in a world of their own."""

import os

os.environ.setdefault("WORLD", "test")
