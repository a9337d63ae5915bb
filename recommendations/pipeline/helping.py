"""Does in this process what a run waits for, beside any worker that does it too."""

import threading

from recommendations.adapters.embedded.training import train_next
from recommendations.events import store
from recommendations.events.consumer import Consumer
from recommendations.events.streams import open_stream
from recommendations.models import RetrainRun
from recommendations.pipeline.context import Progress, ignore_progress
from recommendations.pipeline.states import RetrainStatus
from recommendations.pipeline.steps.export import STORE

# A busy stream is never empty; what a run waits for is soon behind.
DRAIN_AT_MOST_S = 5.0


def help_along(run: RetrainRun, *, progress: Progress = ignore_progress) -> bool:
    """Do some of the work that the run waits for.

    Args:
        run: a run whose step answered that it waits.
        progress: takes the share done, 0..1, and a note.

    Returns:
        Whether there was anything to do here.
    """
    if run.status == RetrainStatus.EXPORT and "stream_position" in run.report.get("export", {}):
        drain_store()
        return True
    if run.status == RetrainStatus.TRAIN:
        return train_next(progress=progress) is not None
    return False


def drain_store() -> None:
    """Store what the stream holds, as one more consumer of the store's group, for some seconds at most."""
    stop = threading.Event()
    consumer = Consumer(open_stream(), STORE, store.handle, stop=stop)
    # In a thread, since a consumer closes its thread's connections when it ends.
    thread = threading.Thread(target=consumer.run, kwargs={"drain": True}, name="store", daemon=True)
    thread.start()
    thread.join(DRAIN_AT_MOST_S)
    stop.set()
    thread.join()
