"""A web worker without the web: takes commands line by line, carries each out, and says what became of it.

python -m tests.catalog.market_worker fill | work | check
"""

import json
import os
import sys
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")


def fill() -> dict[str, list[int]]:
    """The sizes and accounts that commands are about."""
    from django.core.management import call_command

    from tests.factories.accounts import make_user
    from tests.factories.catalog import make_variant

    call_command("migrate", verbosity=0)
    return {"sizes": [make_variant().pk for _ in range(5)], "accounts": [make_user().pk for _ in range(8)]}


def work() -> None:
    """Answer each line; `away` where the database could not be reached, so that the same command may be sent again."""
    from django.db import InterfaceError, OperationalError, connection

    from storefront.accounts.models import User
    from tests.catalog.market_model import Asked
    from tests.catalog.market_sending import send

    for line in sys.stdin:
        told = json.loads(line)
        asked = Asked(**{**told, "key": UUID(told["key"])})
        try:
            answer, order_id = send(asked, User(pk=asked.account))
        except (OperationalError, InterfaceError):
            connection.close()
            say({"away": True})
            continue
        said = {"refused": answer.refused, "price": answer.traded_at_cents, "met": answer.met, "own": order_id}
        say(said)


def check() -> dict[str, Any]:
    """What is broken, and every outcome that is kept, by key."""
    from catalog import conf
    from catalog.models import MarketCommand, Order, Trade
    from tests.catalog.market_faults import find_faults

    return {
        "faults": find_faults(conf.now()),
        "outcomes": {str(row.idempotency_key): row.outcome for row in MarketCommand.objects.all()},
        "trades": sorted(Trade.objects.values_list("pk", flat=True)),
        "orders": sorted(Order.objects.values_list("trade_id", flat=True)),
    }


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "work":
        work()
    else:
        say({"fill": fill, "check": check}[sys.argv[1]]())
