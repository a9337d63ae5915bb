"""A pytest plugin loaded before Django reads its settings: tests run in a world of their own, each worker in another."""

import os

# Set by pytest-xdist in a worker's environment, which has the controller's WORLD already.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ["WORLD"] = "-".join(filter(None, (os.environ.get("WORLD", "test"), _WORKER)))
