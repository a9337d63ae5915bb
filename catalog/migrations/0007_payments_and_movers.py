"""Who moved an order, what stands for means of payment, when to ask again; and the books of the sandbox."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0006_trade_without_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="payment_method",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("token", models.CharField(max_length=100)),
                ("chosen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SandboxCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=40, unique=True)),
                ("token", models.CharField(max_length=100)),
                ("authorised_cents", models.PositiveIntegerField()),
                ("captured_cents", models.PositiveIntegerField(default=0)),
                ("refunded_cents", models.PositiveIntegerField(default=0)),
                ("is_voided", models.BooleanField(default=False)),
                ("authorised_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SandboxRequest",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("content", models.CharField(max_length=200)),
                ("is_done", models.BooleanField(null=True)),
                ("reference", models.CharField(blank=True, max_length=40)),
                ("words", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
            ],
        ),
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-placed_at", "-id"],
                "permissions": [("refund_order", "Can cancel an order and give its money back")],
            },
        ),
        migrations.AddField(
            model_name="orderstep",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="ask_at",
            # Nobody has paid before: no row gets it.
            field=models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="token",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="orderstep",
            name="by",
            field=models.CharField(
                choices=[
                    ("buyer", "BUYER"),
                    ("seller", "SELLER"),
                    ("provider", "PROVIDER"),
                    ("schedule", "SCHEDULE"),
                    ("staff", "STAFF"),
                ],
                max_length=150,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="kind",
            field=models.CharField(
                choices=[("authorise", "AUTHORISE"), ("capture", "CAPTURE"), ("void", "VOID"), ("refund", "REFUND")],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="status",
            field=models.CharField(
                choices=[("asked", "ASKED"), ("done", "DONE"), ("declined", "DECLINED")], default="asked", max_length=12
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(condition=models.Q(("status", "asked")), fields=["ask_at"], name="payment_to_ask"),
        ),
        migrations.AddConstraint(
            model_name="orderstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by", "staff"), _negated=True),
                    models.Q(("account__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="step_by_staff_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["authorise", "capture", "void", "refund"])), name="payment_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["asked", "done", "declined"])), name="payment_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("status", "asked")),
                    models.Q(models.Q(("status", "asked"), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="payment_answer_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="sandboxcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("authorised_cents__gt", 0)), name="charge_authorised_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="sandboxcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("captured_cents__lte", models.F("authorised_cents"))), name="charge_capture_within"
            ),
        ),
        migrations.AddConstraint(
            model_name="sandboxcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded_cents__lte", models.F("captured_cents"))), name="charge_refund_within"
            ),
        ),
        migrations.AddConstraint(
            model_name="sandboxcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_voided", False), ("captured_cents", 0), _connector="OR"),
                name="charge_void_or_captured",
            ),
        ),
    ]
