"""The WSGI door of the wire server, which a web server loads."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
django.setup()

# Only once the models can be loaded.
from recommendations import conf  # noqa: E402
from recommendations.server.application import Application  # noqa: E402
from recommendations.server.faulty import with_fault  # noqa: E402
from recommendations.server.table import HANDLERS  # noqa: E402

application = with_fault(Application(HANDLERS, conf.access_keys()), *conf.server_fault())

# What is loaded by now stays for ever: no collection goes through it again, in the middle of somebody's request.
gc.collect()
gc.freeze()
