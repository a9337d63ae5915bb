"""A pytest plugin loaded before Django reads its settings: each worker tests in a world of its own."""

import os
import signal

# Set by pytest-xdist in a worker's environment, which has the controller's WORLD already.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ["WORLD"] = "-".join(filter(None, (os.environ.get("WORLD", "test"), _WORKER)))

# Whoever runs the tests in the background hands down an ignored Ctrl-C, which no process started here would get either.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
