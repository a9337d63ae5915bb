import pytest

from storefront.simulation.driving.pages import Row
from storefront.simulation.driving.plants import Plant, PlantRefused, factor_of

POPULAR = Row("most-popular", "", ())
TREATED = (POPULAR, Row("trending", "", (), variation="treatment"))
CONTROL = (POPULAR, Row("trending", "", (), variation="control"))
EXEMPT = (POPULAR, Row("trending", "", ()))


@pytest.mark.parametrize(
    ("text", "plant"),
    [
        ("row_ctr=0.2", Plant("row_ctr", 0.2, "treatment")),
        ("page_ctr=-0.15@blue", Plant("page_ctr", -0.15, "blue")),
    ],
)
def test_plant_is_what_its_text_says(text: str, plant: Plant) -> None:
    assert Plant.parse(text) == plant


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("orders=0.2", "give row_ctr=EFFECT or page_ctr=EFFECT"),
        ("row_ctr", "'' is no number"),
        ("row_ctr=nan", "from -0.9 to 2"),
        ("row_ctr=2.1", "from -0.9 to 2"),
    ],
)
def test_plant_refuses_what_cannot_be_planted(text: str, fault: str) -> None:
    with pytest.raises(PlantRefused, match=fault):
        Plant.parse(text)


@pytest.mark.parametrize("effect", [0.2, 2.0, -0.3])
def test_page_plant_is_its_effect_on_every_row_of_the_homepage(effect: float) -> None:
    plants = [Plant("page_ctr", effect)]

    for number in (0, 1):
        treated = factor_of(plants, TREATED, TREATED[number])
        control = factor_of(plants, CONTROL, CONTROL[number])
        assert treated / control == pytest.approx(1 + effect)
        assert max(treated, control) == 1


def test_row_plant_is_its_effect_on_the_experiments_row_alone() -> None:
    plants = [Plant("row_ctr", 0.2)]

    treated, control = factor_of(plants, TREATED, TREATED[1]), factor_of(plants, CONTROL, CONTROL[1])

    assert treated / control == pytest.approx(1.2)
    assert factor_of(plants, TREATED, POPULAR) == factor_of(plants, CONTROL, POPULAR) == 1
    assert factor_of(plants, EXEMPT, EXEMPT[1]) == 1


def test_nothing_planted_changes_nothing() -> None:
    assert factor_of([], TREATED, TREATED[1]) == 1
