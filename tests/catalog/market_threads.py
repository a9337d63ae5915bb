"""Sends commands from many connections at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(*jobs: Callable[[], Result]) -> list[Result]:
    """Run each job in a thread and a connection of its own, all begun together; the results, in the jobs' order."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result:
        connection.ensure_connection()
        start.wait(30)
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
