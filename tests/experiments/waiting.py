"""Waits until other connections wait for a lock."""

import time

from django.db import connection


def wait_for_waiting(n: int, *, patience_s: float = 60.0) -> None:
    """Until so many others wait for a lock of this database.

    Raises:
        AssertionError: they do not within the patience.
    """
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        with connection.cursor() as cursor:
            # Within a transaction the view would go on telling what it told first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= n:
                return
        time.sleep(0.02)
    raise AssertionError(f"Not {n} waited for a lock within {patience_s:g} s.")
