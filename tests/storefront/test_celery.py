import subprocess
import sys

from django.conf import settings
from redbeat.schedulers import RedBeatConfig

from storefront.celery import app

SENDER = """
import threading
import django
django.setup()
from recommendations.tasks import advance_retrains
def tell(): print(advance_retrains.app.main, advance_retrains.app.conf.broker_url)
thread = threading.Thread(target=tell)
thread.start()
thread.join()
"""


def test_what_any_thread_of_a_page_sends_goes_to_the_shops_broker() -> None:
    done = subprocess.run([sys.executable, "-c", SENDER], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["storefront", settings.CELERY_BROKER_URL]


def test_beat_finds_its_settings_and_warns_of_nothing() -> None:
    found = RedBeatConfig(app)  # type: ignore[no-untyped-call]

    assert found.redis_url == settings.CELERY_REDBEAT_REDIS_URL
    assert found.redbeat_redis_options == {}
    assert found.lock_timeout == settings.CELERY_REDBEAT_LOCK_TIMEOUT
