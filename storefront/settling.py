"""An order's money: the means of payment that was chosen, and asking for it at once; a tick asks again."""

import logging

from catalog.payments.methods import choose_method, find_token
from catalog.payments.paying import pay
from storefront.accounts.models import User

logger = logging.getLogger(__name__)


def pay_with(account: User, token: str | None) -> None:
    """Keep the means of payment that a review's form chose, where it is another than before.

    Args:
        account: whose.
        token: the form's; None where it had no choice, as for a sale.

    Raises:
        OrderRejected: there is no such means of payment.
    """
    if token is not None and token != find_token(account.pk):
        choose_method(account=account, token=token)


def settle(order_id: int | None) -> None:
    """Have the payment provider asked for what an order needs now.

    Args:
        order_id: a committed order; None for a deed that made none.
    """
    if order_id is None:
        return
    try:
        pay(order_id)
    except Exception:
        # The deed is done and its row is the queue: no page fails because the provider does.
        logger.exception("An order was not paid at once.", extra={"order_id": order_id, "code": "payment_unanswered"})
