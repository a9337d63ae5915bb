"""One Valkey server, spelled as Django's cache, redis-py, Celery and redbeat each want it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class ValkeyUrls:
    """The spellings of one `redis://`, `rediss://` or `unix://` URL."""

    url: str

    def client(self, database: int = 0) -> str:
        """For redis-py, Django's RedisCache and redbeat: `unix:///path?db=1` or `redis://host:port/1`."""
        scheme, netloc, path, query, _ = urlsplit(self.url)
        options = dict(parse_qsl(query))
        if scheme == "unix":
            return urlunsplit((scheme, netloc, path, urlencode(options | {"db": str(database)}), ""))
        return urlunsplit((scheme, netloc, f"/{database}", urlencode(options), ""))

    def broker(self, database: int = 0) -> str:
        """For Celery: `redis+socket:///path?virtual_host=0` or `redis://host:port/0`."""
        scheme, netloc, path, query, _ = urlsplit(self.url)
        if scheme != "unix":
            return self.client(database)
        options = {name: value for name, value in parse_qsl(query) if name != "db"}
        return urlunsplit(("redis+socket", netloc, path, urlencode(options | {"virtual_host": str(database)}), ""))
