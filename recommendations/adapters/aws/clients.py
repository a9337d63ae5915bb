"""boto3's clients of AWS: one of each a process, made when it is first used and never at import."""

import functools
import os
import threading
from typing import Any, Literal

from recommendations import conf

Service = Literal["personalize", "personalize-runtime", "personalize-events", "s3", "kinesis"]

# More than the calls that all rotations' breakers let through at once.
MAX_CONNECTIONS = 32
AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")

_clients: dict[str, Any] = {}
_lock = threading.Lock()


def client(service: Service) -> Any:
    """Return the process's client of a service.

    boto3's own variables say where and as whom: AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_PROFILE,
    AWS_ENDPOINT_URL_PERSONALIZE and their like.

    Raises:
        BotoCoreError: no region or profile is configured.
    """
    made = _clients.get(service)
    if made is not None:
        return made
    with _lock:
        if service not in _clients:
            _clients[service] = _make(service)
        return _clients[service]


def forget_clients() -> None:
    """Hang up, and make them anew when they are next used; for tests."""
    for made in _clients.values():
        made.close()
    _clients.clear()


def _forget_parents() -> None:
    """Leave the parent's connections to it: what one process hangs up, the other would miss."""
    global _lock
    _lock = threading.Lock()
    _clients.clear()


def is_amazon(made: Any) -> bool:
    """Return whether a client's endpoint is Amazon's own, not a server that speaks its protocol."""
    host = str(made.meta.endpoint_url).partition("://")[2].partition("/")[0].partition(":")[0]
    return host.endswith(AMAZON)


def _make(service: Service) -> Any:
    # A third of a second that only those pay who use AWS.
    import boto3
    import botocore.session
    from botocore.config import Config

    limits: dict[Service, dict[str, Any]] = {
        "personalize": _limits(5.0, 30.0, attempts=4),
        # A page waits no longer than its deadline, and asks once.
        "personalize-runtime": _limits(*[conf.recommendation_deadline_s()] * 2, attempts=1),
        # Whoever forwards events tries again by itself.
        "personalize-events": _limits(2.0, 5.0, attempts=1),
        "s3": _limits(5.0, 60.0, attempts=5),
        # Whoever reads or writes the stream tries again by itself.
        "kinesis": _limits(2.0, 10.0, attempts=2),
    }
    config = Config(max_pool_connections=MAX_CONNECTIONS, tcp_keepalive=True, **limits[service])
    # A session of its own: boto3's shared one may not be used by two threads at once.
    core: Any = botocore.session.Session()
    core.register_component("data_loader", _models())
    session: Any = boto3.session.Session(botocore_session=core)
    return session.client(service, config=config)


@functools.cache
def _models() -> Any:
    """What botocore's files say of services and endpoints, read once a process: most of what a client costs."""
    from botocore.loaders import create_loader

    return create_loader(os.environ.get("AWS_DATA_PATH"))


def _limits(connect_s: float, read_s: float, *, attempts: int) -> dict[str, Any]:
    return {
        "connect_timeout": connect_s,
        "read_timeout": read_s,
        "retries": {"mode": "standard", "total_max_attempts": attempts},
    }


# A connection that two processes write to would mix their answers.
os.register_at_fork(after_in_child=_forget_parents)
