"""What a run trained, in words and bars."""

from recommendations.admin.room.model import describe_model

FACTS = {
    "n_interactions": 123_456,
    "n_users": 2_000,
    "n_items": 3_000,
    "budget_s": 300.0,
    "cpu_s": 95.21,
    "peak_rss_mb": 512.3,
    "network": "hrnn takes part, with the weight 1.5.",
    "warm_start": "It was trained afresh.",
    "weights": {"rules": 0.75, "hrnn": 1.5, "repeats": -0.5},
    "left_out": {"item_knn": "ease takes its place"},
}


def test_model_lists_parts_by_weight_and_then_what_took_no_part() -> None:
    model = describe_model({"train": {"training": FACTS}})

    assert model is not None
    assert [(part.name, part.weight, part.bar.end if part.bar else None) for part in model.parts] == [
        ("hrnn", "1.5", 100.0),
        ("rules", "0.75", 50.0),
        ("repeats", "-0.5", 33.33),
        ("item_knn", "0", None),
    ]
    assert model.parts[-1].reason == "ease takes its place"


def test_model_says_what_it_cost_and_learned_from() -> None:
    model = describe_model({"train": {"training": FACTS}})
    unlimited = describe_model({"train": {"training": FACTS | {"budget_s": None}}})

    assert model is not None
    assert unlimited is not None
    assert model.cost == "95.2 CPU-seconds, of a budget of 300; at most 512 MiB of memory"
    assert model.data == "123,456 events of 2,000 shoppers on 3,000 items"
    assert "no budget was set" in unlimited.cost


def test_model_of_a_run_that_tells_nothing_is_none() -> None:
    assert describe_model({}) is None
    assert describe_model({"train": {"arn": "arn:aws:personalize:..."}}) is None
