"""The table of payment providers; `settings.PAYMENT_PROVIDER` names the one that is asked."""

from collections.abc import Mapping

from catalog import conf
from catalog.exceptions import PaymentMisused
from catalog.payments.port import PaymentProvider
from catalog.payments.sandbox import Sandbox

PROVIDERS: Mapping[str, PaymentProvider] = {"sandbox": Sandbox()}


def find_provider() -> PaymentProvider:
    """The provider that the shop's payments go through.

    Raises:
        PaymentMisused: the setting names none; the message lists those there are.
    """
    name = conf.payment_provider()
    try:
        return PROVIDERS[name]
    except KeyError:
        raise PaymentMisused(f"PAYMENT_PROVIDER == {name!r}, must be one of {', '.join(PROVIDERS)}.") from None
