"""The account: Django's own user, plus the shopper key that it adopted at its first sign-in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper


class User(AbstractUser):
    # Null until the first sign-in adopts the device's key; from then on the one key of this person.
    shopper_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        # A lost password is looked up by the address, however its letters were typed.
        indexes = [models.Index(Upper("email"), name="account_email")]
