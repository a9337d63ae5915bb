"""A phone is told from a desktop by its hint, else by its words."""

import pytest

from storefront.devices import find_device

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


@pytest.mark.parametrize(
    ("agent", "hint", "device"),
    [
        (IPHONE, "", "phone"),
        (ANDROID, "", "phone"),
        (TABLET, "", "desktop"),
        (FIREFOX, "", "desktop"),
        (FIREFOX, "?1", "phone"),
        (ANDROID, "?0", "desktop"),
        (ANDROID, "nonsense", "phone"),
        ("", "", "desktop"),
        ("x" * 100_000 + "Mobile", "", "desktop"),
    ],
)
def test_device_is_told_by_hint_or_words(agent: str, hint: str, device: str) -> None:
    assert find_device({"HTTP_USER_AGENT": agent, "HTTP_SEC_CH_UA_MOBILE": hint}) == device
