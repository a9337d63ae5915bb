"""Every number of a simulated experiment, named; among them the effect that is planted and must be found again."""

from dataclasses import dataclass

# A shopper's eagerness is drawn from Beta(2, 4), scaled to a mean of 1: many hardly ever click, few click often.
EAGERNESS_SHAPE = (2.0, 4.0)
MOST_EAGER = sum(EAGERNESS_SHAPE) / EAGERNESS_SHAPE[0]


@dataclass(frozen=True, slots=True)
class TrialParameters:
    """Who comes and what they do; equal parameters over an equal shelf give equal behaviour.

    Attributes:
        n_shoppers: how many come to the shop while the experiment runs; each of them for the first time.
        seed: the only source of chance.
        days: how long the experiment runs.
        ended_days_ago: how many days before the world's now it ended, or up to six more: it begins on a Sunday.
        views_per_shopper: homepage views of one shopper, on average; geometric, so that few shoppers make many.
        page_ctr: chance that a homepage view leads to a click in control, for a shopper of average eagerness.
        second_row_share: share of control's clicks that fall on the second row.
        planted_effect: relative effect of the treatment on `page_ctr`; all of it is won by the second row.
        purchase_share: chance that a click ends in a purchase, in either variation.
        page_ms: median time that the server takes for a homepage, in either variation.
        page_error_share: share of homepages that fail, in either variation.
    """

    n_shoppers: int = 5_000
    seed: int = 1
    days: int = 28
    ended_days_ago: int = 35
    views_per_shopper: float = 3.0
    page_ctr: float = 0.24
    second_row_share: float = 0.4
    planted_effect: float = 0.2
    purchase_share: float = 0.07
    page_ms: float = 11.0
    page_error_share: float = 0.002

    def __post_init__(self) -> None:
        if not 0 < self.page_ctr * (1 + max(0.0, self.planted_effect)) * MOST_EAGER <= 1:
            raise ValueError(
                f"page_ctr == {self.page_ctr}, must leave the most eager shopper a chance of at most 1 to click, "
                f"with planted_effect == {self.planted_effect} on top."
            )
        if self.second_row_share + self.planted_effect < 0:
            raise ValueError(f"planted_effect == {self.planted_effect}, the second row has no more clicks to lose.")

    @property
    def second_row_ctr(self) -> float:
        """Chance of a click on the second row in control."""
        return self.page_ctr * self.second_row_share

    @property
    def other_rows_ctr(self) -> float:
        """Chance of a click on any other row, in either variation."""
        return self.page_ctr * (1 - self.second_row_share)
