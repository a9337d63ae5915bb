"""A pytest plugin loaded before Django reads its settings: each worker tests in a world of its own."""

import os
import signal

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Set by pytest-xdist in a worker's environment, which has the controller's WORLD already.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ["WORLD"] = "-".join(filter(None, (os.environ.get("WORLD", "test"), _WORKER)))

# Whoever runs the tests in the background hands down an ignored Ctrl-C, which no process started here would get either.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A shop takes half a minute to open; whatever walks through the shared one is tested in one process.
SHARED_SHOP = ("tests/e2e/", "tests/flows/demo/")


class ByFileAndShop(LoadFileScheduling):
    """A file is tested in one process, and so are all files that share the demo shop."""

    def _split_scope(self, nodeid: str) -> str:
        return "the shared shop" if nodeid.startswith(SHARED_SHOP) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFileAndShop:
    return ByFileAndShop(config, log)
