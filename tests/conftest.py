"""Real PostgreSQL and Valkey for every test: the bundled ones, or those the environment names."""

import os

# Before Django reads its settings: tests live in a world of their own.
os.environ["WORLD"] = os.environ.get("TEST_WORLD", "test")
