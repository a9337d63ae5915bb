from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from experiments.stats import StatsError, benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1), max_size=20)


@settings(deadline=None)
@drawn(P_VALUES)
def test_corrections_keep_order_and_never_lower_a_p_value(p_values: list[float]) -> None:
    certain, found = holm(p_values=p_values), benjamini_hochberg(p_values=p_values)

    for before, strict, loose in zip(p_values, certain.p_values, found.p_values, strict=True):
        assert before <= loose * (1 + 1e-12)
        assert loose <= strict * (1 + 1e-12)
        assert strict <= 1
    assert sorted(certain.p_values) == [
        certain.p_values[i] for i in sorted(range(len(p_values)), key=p_values.__getitem__)
    ]


def test_correction_of_one_question_leaves_it_alone() -> None:
    assert holm(p_values=[0.04]).p_values == (0.04,)
    assert benjamini_hochberg(p_values=[0.04]).is_rejected == (True,)
    assert holm(p_values=[]).p_values == ()


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
@pytest.mark.parametrize(
    ("given", "argument"), [({"p_values": [1.2]}, "p_values"), ({"p_values": [0.1], "alpha": 0}, "alpha")]
)
def test_corrections_refuse_misuse(correct: Any, given: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        correct(**given)
