"""`manage.py shopper_login ID`: a link that signs its holder in as one shopper of this world."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from recommendations.models import Interaction
from storefront.accounts.links import MAX_AGE_S, make_link_token
from storefront.accounts.models import User


class Command(BaseCommand):
    help = "Print a link that signs in as the shopper of this id, to see the shop as that shopper does."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="the shopper's key: the USER_ID of an import, sim-00001 of a simulation")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        if not settings.SHOPPER_LOGIN:
            raise CommandError("Sign-in links are off here: set SHOPPER_LOGIN=true to allow them.")
        token = make_link_token(_account_of(options["id"]))
        port = settings.ENVIRONMENT.port
        self.stdout.write(f"http://127.0.0.1:{port}{reverse('enter', args=[token])}")
        self.stderr.write(f"Good for {MAX_AGE_S // 3600} hours, while the shop runs on port {port} (PORT changes it).")


@transaction.atomic
def _account_of(shopper_key: str) -> User:
    """The account with this key, made where there is none; it has no password, so that only links open it."""
    user = User.objects.filter(shopper_key=shopper_key).first()
    if user is not None:
        return user
    if not Interaction.objects.filter(shopper_key=shopper_key).exists():
        example = Interaction.objects.order_by("event_id").values_list("shopper_key", flat=True).first()
        fix = f"give one that has interactions, such as {example}" if example else "import or simulate shoppers first"
        raise CommandError(f"World {settings.ENVIRONMENT.world} knows no shopper {shopper_key!r}: {fix}.")
    username = f"shopper-{shopper_key}"
    if User.objects.filter(username=username).exists():
        raise CommandError(f"An account named {username} exists, with another key; rename it in the admin first.")
    user = User(username=username, shopper_key=shopper_key)
    user.set_unusable_password()
    user.save()
    return user
