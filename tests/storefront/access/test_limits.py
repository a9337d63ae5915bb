"""The table of limits, and what the environment changes of it."""

import pytest

from storefront.access.limits import DEFAULTS, NAMES, read_limits
from storefront.env import EnvironmentFault, read_environment


def test_limits_keep_their_defaults_unless_named() -> None:
    limits = read_limits({"orders": 300})

    assert tuple(limits) == NAMES
    assert (limits["orders"].per_minute, limits["orders"].of_address) == (300, 30_000)
    assert all(limits[one.name] == one for one in DEFAULTS if one.name != "orders")


def test_lower_limit_leaves_the_addresss_share() -> None:
    assert read_limits({"search": 6})["search"].of_address == 1200


def test_what_moves_money_or_opens_accounts_is_closed_uncounted() -> None:
    closed = {limit.name for limit in DEFAULTS if limit.is_closed_uncounted}

    assert closed == {"sign_in", "sign_up", "orders"}


def test_environment_names_limits_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", ", ".join(f"{name}=7" for name in NAMES))

    assert [each.split("=")[0] for each in read_environment().rate_limits] == list(NAMES)


@pytest.mark.parametrize("wrong", ["orders", "orders=0", "orders=many", "buying=3"])
def test_environment_refuses_what_is_no_limit(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("RATE_LIMITS", wrong)

    with pytest.raises(EnvironmentFault, match="RATE_LIMITS"):
        read_environment()
