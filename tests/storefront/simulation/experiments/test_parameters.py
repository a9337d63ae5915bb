import pytest

from storefront.simulation.experiments.parameters import TrialParameters


def test_parameters_split_the_clicks_between_the_rows() -> None:
    parameters = TrialParameters(page_ctr=0.2, second_row_share=0.25)

    assert parameters.second_row_ctr == pytest.approx(0.05)
    assert parameters.other_rows_ctr == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"page_ctr": 0.3, "planted_effect": 0.2}, "page_ctr == 0.3"),
        ({"page_ctr": 0.0}, "page_ctr == 0.0"),
        ({"second_row_share": 0.1, "planted_effect": -0.2}, "planted_effect == -0.2"),
    ],
)
def test_parameters_refuse_what_cannot_be_planted(fields: dict[str, float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        TrialParameters(**fields)  # type: ignore[arg-type]
