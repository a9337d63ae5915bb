"""A wrong environment stops the start, and every fault is listed."""

import pytest

from storefront.env import EnvironmentFault, read_environment


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PRODUCTION", "PORT", "WORLD"):
        monkeypatch.delenv(name, raising=False)


def test_environment_defaults_suit_development() -> None:
    environment = read_environment()

    assert not environment.production
    assert environment.world == "demo"
    assert environment.port == 8000


def test_environment_lists_every_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("WORLD", "../escape")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///db")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    assert all(name in str(fault.value) for name in ("PORT", "WORLD", "DATABASE_URL"))


def test_production_refuses_the_development_key_and_the_bundled_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION", "true")

    with pytest.raises(EnvironmentFault) as fault:
        read_environment()

    assert all(name in str(fault.value) for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"))


def test_hosts_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "shop.example, www.shop.example")

    assert read_environment().allowed_hosts == ("shop.example", "www.shop.example")
