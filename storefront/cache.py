"""A cache that fails open: with Valkey down every read is a miss and every write is dropped, quickly."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 2.0
T = TypeVar("T")


class FailOpenValkeyCache(RedisCache):
    """Django's cache over Valkey; after a failure it stays away for two seconds, so that a page pays once."""

    _retry_at = 0.0

    def _guarded(self, call: Callable[[], T], otherwise: T) -> T:
        if time.monotonic() < FailOpenValkeyCache._retry_at:
            return otherwise
        try:
            return call()
        except (RedisError, OSError) as error:
            FailOpenValkeyCache._retry_at = time.monotonic() + PAUSE_AFTER_FAILURE_S
            logger.warning("The cache is out of reach; pages go on without it.", extra={"error": repr(error)})
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._guarded(lambda: bool(super(FailOpenValkeyCache, self).add(*args, **kwargs)), otherwise=False)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._guarded(lambda: super(FailOpenValkeyCache, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._guarded(lambda: super(FailOpenValkeyCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._guarded(lambda: bool(super(FailOpenValkeyCache, self).touch(*args, **kwargs)), otherwise=False)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._guarded(lambda: bool(super(FailOpenValkeyCache, self).delete(*args, **kwargs)), otherwise=False)

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        return self._guarded(lambda: super(FailOpenValkeyCache, self).get_many(keys, version), {})

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._guarded(lambda: super(FailOpenValkeyCache, self).set_many(*args, **kwargs), [])

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._guarded(lambda: super(FailOpenValkeyCache, self).delete_many(*args, **kwargs), None)

    def has_key(self, key: Any, version: Any = None) -> bool:
        return self._guarded(lambda: bool(super(FailOpenValkeyCache, self).has_key(key, version)), otherwise=False)

    def clear(self) -> None:
        self._guarded(lambda: super(FailOpenValkeyCache, self).clear(), None)
