"""A pytest plugin loaded before Django reads its settings: each worker tests in a world of its own."""

import os

# Set by pytest-xdist in a worker's environment, which has the controller's WORLD already.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ["WORLD"] = "-".join(filter(None, (os.environ.get("WORLD", "test"), _WORKER)))
