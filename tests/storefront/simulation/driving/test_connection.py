import pytest

from storefront.simulation.driving.connection import AddressRefused, Cookies, Target


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:8000"])
def test_target_is_taken_on_this_machine(url: str) -> None:
    target = Target.of(url)

    assert target.port == 8000
    assert target.origin.endswith(":8000")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7:8000",
        "http://0.0.0.0:8000",
        "https://127.0.0.1:8000",
        "127.0.0.1:8000",
        "http://127.0.0.1:8000/shop/",
        "http://127.0.0.1:port",
        "",
    ],
)
def test_target_is_refused_elsewhere_with_the_fix(url: str) -> None:
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.1"):
        Target.of(url)


def test_cookies_keep_what_is_set_and_drop_what_is_deleted() -> None:
    cookies = Cookies()
    cookies.take(["shopper=1.a.b; HttpOnly; Path=/", "csrftoken=x; Max-Age=31449600"])

    cookies.take(['csrftoken=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/'])

    assert cookies.header == "shopper=1.a.b"
