"""The shop's own settings with planted faults; for shops that tests run, never for a real one."""

from storefront.settings import *  # noqa: F403
from storefront.settings import MIDDLEWARE as SHOP_MIDDLEWARE

# Innermost, so that the shop measures what is planted as its own.
MIDDLEWARE = [*SHOP_MIDDLEWARE, "tests.faults.middleware.PlantedFaults"]
