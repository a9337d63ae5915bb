"""Sees whether an address can be listened on, before anything is started that needs it."""

import socket


def find_port_fault(host: str, port: int) -> str | None:
    """Why nothing can listen on `host` and `port`, in the system's words; None where it can.

    Web workers share their port, so that a second server on it would start unnoticed and answer every other request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return None
