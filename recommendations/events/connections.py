"""Clients of the Valkey that holds stream and shopper state: quick to give up for pages, patient for workers."""

from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from recommendations import conf

PAGE_TIMEOUT_S = 0.05
WORKER_TIMEOUT_S = 2.0


def page_client() -> Redis:
    """For reads within a request: one try, 50 ms."""
    return _client(conf.state_url(), PAGE_TIMEOUT_S)


def worker_client() -> Redis:
    """For threads and processes behind the pages: one try, two seconds; callers back off by themselves."""
    return _client(conf.state_url(), WORKER_TIMEOUT_S)


@lru_cache(maxsize=8)
def _client(url: str, timeout_s: float) -> Redis:
    # redis-py's own default retries three times with sleeps between; that would hold a page for seconds.
    return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0))
