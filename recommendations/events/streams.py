"""Which event stream the shop has: Valkey's, unless the settings name a stream of Amazon Kinesis."""

from urllib.parse import urlsplit

from recommendations import conf
from recommendations.events.stream import EventStream
from recommendations.events.valkey_stream import ValkeyStream


def open_stream() -> EventStream:
    """The shop's stream: that of `EVENT_STREAM_URL`, by default one in its Valkey."""
    url = conf.event_stream_url()
    if not url:
        return ValkeyStream.of_settings()
    # AWS's library takes a tenth of a second to load, which only shops with a stream there pay.
    from recommendations.events.kinesis_stream import KinesisStream

    return KinesisStream.of_settings(urlsplit(url).netloc)
