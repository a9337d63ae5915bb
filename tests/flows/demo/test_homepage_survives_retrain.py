"""A retrain swaps the campaign under steady load, and no shopper notices."""

from benchmarks.homepage_under_retrain import run
from tests.running_shop import RunningShop

# The bar is 500 ms at twice this rate on a quiet machine; where others use it, ten times that.
P99_LIMIT_MS = 5000.0


def test_homepage_under_load_survives_a_retrain(shop: RunningShop) -> None:
    outcome = run(shop, rate=25, seconds=15)

    assert outcome.retrain.returncode == 0, outcome.retrain.stdout + outcome.retrain.stderr
    assert outcome.load.failures == []
    assert outcome.load.n_requests == 375
    assert outcome.load.percentile_ms(99) <= P99_LIMIT_MS
    assert sorted(outcome.colours) == ["blue", "maize"]
