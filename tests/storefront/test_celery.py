import subprocess
import sys

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
    from django.conf import settings

    done = subprocess.run([sys.executable, "-c", SENDER], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["storefront", settings.CELERY_BROKER_URL]
