"""ApiToken: what a program shows to ask in an account's name."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """One token of an account. The token itself is told once and never kept; its digest finds the row."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # To the hour: it tells an owner which tokens are dead, and costs no write a request.
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["account", "-made_at"], name="token_of_account")]

    def __str__(self) -> str:
        return self.name
