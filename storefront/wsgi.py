"""The WSGI door that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")

application = get_wsgi_application()

# Only where pages are served: a process that loads this serves them.
from recommendations.events import pulse  # noqa: E402
from storefront.warming import warm  # noqa: E402

pulse.start()
warm()
