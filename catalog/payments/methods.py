"""An account's means of payment: which token of the provider's it chose."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from catalog import conf
from catalog.exceptions import OrderRejected
from catalog.models import PaymentMethod
from catalog.payments.registry import find_provider


@dataclass(frozen=True, slots=True)
class Method:
    """One means of payment that may be chosen."""

    token: str
    label: str
    is_chosen: bool


def list_methods(account_id: int) -> tuple[Method, ...]:
    """What an account may choose from; one that chose nothing has the first.

    Args:
        account_id: whose choice is marked.
    """
    chosen = find_token(account_id)
    return tuple(Method(token, label, token == chosen) for token, label in find_provider().tokens.items())


def find_token(account_id: int) -> str:
    """The token that the account's next payment is asked with."""
    kept = PaymentMethod.objects.filter(account_id=account_id).values_list("token", flat=True).first()
    return kept if kept is not None else next(iter(find_provider().tokens), "")


def choose_method(*, account: AbstractBaseUser, token: str) -> None:
    """Pay with this from now on; payments that were asked keep theirs.

    Args:
        account: whose choice it is.
        token: one that `list_methods` shows.

    Raises:
        OrderRejected: there is no such token.
    """
    if token not in find_provider().tokens:
        raise OrderRejected(f"token == {token!r}: there is no such means of payment; choose one of the list.")
    PaymentMethod.objects.update_or_create(account_id=account.pk, defaults={"token": token, "chosen_at": conf.now()})
