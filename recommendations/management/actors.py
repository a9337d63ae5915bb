"""Who runs a command, for the audit."""

import getpass


def command_actor() -> str:
    """Return the login name at this machine, marked as the command line's."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name} (command line)"
