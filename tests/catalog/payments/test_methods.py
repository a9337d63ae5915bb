import pytest
from pytest_django import Settings

from catalog.exceptions import OrderRejected, PaymentMisused
from catalog.models import PaymentMethod
from catalog.payments.methods import choose_method, find_token, list_methods
from catalog.payments.registry import find_provider
from catalog.payments.tokens import DEFAULT_TOKEN, TOKENS
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def test_methods_are_the_sandboxes_and_the_first_is_chosen() -> None:
    account = make_user()

    methods = list_methods(account.pk)

    assert [each.token for each in methods] == list(TOKENS)
    assert [each.token for each in methods if each.is_chosen] == [DEFAULT_TOKEN] == [find_token(account.pk)]


def test_choose_method_keeps_one_for_each_account() -> None:
    account, other = make_user(), make_user()

    choose_method(account=account, token="test-declined")
    choose_method(account=account, token="test-outage")

    assert (find_token(account.pk), find_token(other.pk)) == ("test-outage", DEFAULT_TOKEN)
    assert PaymentMethod.objects.count() == 1


@pytest.mark.parametrize("token", ["", "4242424242424242", "test-Paid"])
def test_choose_method_takes_no_numbers_of_cards(token: str) -> None:
    account = make_user()

    with pytest.raises(OrderRejected, match="means of payment"):
        choose_method(account=account, token=token)

    assert not PaymentMethod.objects.exists()


def test_registry_names_the_providers_there_are(settings: Settings) -> None:
    settings.PAYMENT_PROVIDER = "acme"

    with pytest.raises(PaymentMisused, match="sandbox"):
        find_provider()
