"""The Celery application; tasks are thin doors in each package's tasks.py."""

import os
from typing import Any

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")


def redbeat_settings() -> dict[str, Any]:
    """What redbeat looks for by its own names alone, and else warns of the broker's in their place."""
    return {"redbeat_redis_url": settings.CELERY_REDBEAT_REDIS_URL, "redbeat_redis_options": {}}


app = Celery("storefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(redbeat_settings)
app.autodiscover_tasks()
# For every thread: a web worker's would otherwise send to a broker that nobody configured.
app.set_default()
