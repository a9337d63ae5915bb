"""One Valkey server, spelled as Django's cache, redis-py, Celery and redbeat each want it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class ValkeyUrls:
    """The spellings of one `redis://`, `rediss://` or `unix://` URL."""

    url: str

    def client(self, database: int = 0) -> str:
        """For redis-py, Django's RedisCache and redbeat: `unix:///path?db=1` or `redis://host:port/1`."""
        scheme, netloc, path, query, _ = urlsplit(self.url)
        options = {name: value for name, value in parse_qsl(query) if name != "db"}
        if scheme == "unix":
            return f"unix://{netloc}{path}?{urlencode(options | {'db': str(database)})}"
        return f"{scheme}://{netloc}/{database}" + (f"?{urlencode(options)}" if options else "")

    def broker(self, database: int = 0) -> str:
        """For Celery: `redis+socket:///path?virtual_host=0` or `redis://host:port/0`."""
        scheme, netloc, path, query, _ = urlsplit(self.url)
        if scheme != "unix":
            return self.client(database)
        options = {name: value for name, value in parse_qsl(query) if name != "db"}
        return f"redis+socket://{netloc}{path}?{urlencode(options | {'virtual_host': str(database)})}"
