"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class ShopArgon2(Argon2PasswordHasher):
    """Argon2id on one core and 46 MiB, so that a rush of sign-ins does not take the machine's memory.

    Source: OWASP Password Storage Cheat Sheet, Argon2id with m=47104, t=1, p=1.
    """

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1
