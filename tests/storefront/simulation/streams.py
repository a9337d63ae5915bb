"""A small world's clickstream, simulated once for all tests."""

from functools import cache

from storefront.simulation.clickstream import Clickstream, simulate
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf

PARAMETERS = Parameters(500)


@cache
def small() -> Clickstream:
    return simulate(PARAMETERS, demo_shelf(), ends_s=ENDS_S)
