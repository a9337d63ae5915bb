"""The database connections of threads that outlive every request."""

import threading

from django.db import connection


def close_thread_connection() -> None:
    """Close the connection of a thread that no request ends, and whose connection nobody else would close."""
    if threading.current_thread() is not threading.main_thread() and not connection.in_atomic_block:
        connection.close()
