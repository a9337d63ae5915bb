"""Letter: one mail to one account about one step of an order; and how far the steps have been gone through."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import OrderStep


class Letter(models.Model):
    """A mail that is owed or was sent. The row is the queue, and the pair of step and account is written once."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        # Handed to the mail server just now; after a crash it is unknown whether it was taken.
        SENDING = "sending"
        SENT = "sent"
        # A newer one to the same account about the same order went out instead.
        OVERTAKEN = "overtaken"
        # The account wants no mail any more, or has no address.
        UNWANTED = "unwanted"
        REFUSED = "refused"
        # Not sent again by itself: better no mail than two.
        UNSURE = "unsure"

    step = models.ForeignKey(OrderStep, on_delete=models.CASCADE, related_name="letters", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    n_tries = models.PositiveSmallIntegerField("attempts", default=0)
    made_at = models.DateTimeField()
    try_at = models.DateTimeField()
    # When staff had it sent again; it has waited since then.
    again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["step", "account"], name="letter_once_a_step"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["waiting", "sending", "sent", "overtaken", "unwanted", "refused", "unsure"],
                ),
                name="letter_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(status__in=["waiting", "sending"]), name="letter_to_send"),
            models.Index(fields=["try_at"], condition=Q(status__in=["refused", "unsure"]), name="letter_failed"),
        ]

    def __str__(self) -> str:
        return f"Letter {self.pk}: {self.status}"


# What is still to be sent; and what was not taken, or may not have been.
OWED = (Letter.Status.WAITING, Letter.Status.SENDING)
FAILED = (Letter.Status.REFUSED, Letter.Status.UNSURE)


class Bookmark(models.Model):
    """The one row that says up to which step of any order letters have been written."""

    # Where letters began: nobody is told of what happened before.
    begun_after = models.BigIntegerField()
    step_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="bookmark_is_one")]

    def __str__(self) -> str:
        return f"Up to step {self.step_id}"
