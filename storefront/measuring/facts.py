"""What shoppers do and what is shown to them, as facts that metrics are made of."""

from experiments.sources import Fact
from recommendations.events.schema import EVENT_TYPES

# The homepage's rows by their keys; `tested` is whichever row the phase at hand decides.
ROWS = ("most-popular", "recommended", "trending", "also-popular", "new-releases", "recently-viewed")
TESTED, OTHERS = "tested", "others"
VALUED = ("bid", "ask", "purchase")

FACTS = (
    *(Fact(f"events:{name}", f"Events of the type {name}.", is_early=True) for name in EVENT_TYPES),
    *(Fact(f"value:{name}", f"The sum of what {name} events are worth.", is_early=True) for name in VALUED),
    Fact("orders", "Purchases, less those given back or never paid, at the time that this happened.", is_early=True),
    Fact("sales", "What these are worth.", is_early=True),
    Fact("fees", "What the shop earned of these.", is_early=True),
    *(
        fact
        for row in (*ROWS, TESTED, OTHERS)
        for fact in (
            Fact(f"items_served:{row}", f"Items put into the row {row} of the homepage.", is_of_phase=row == TESTED),
            Fact(f"items_seen:{row}", f"Items of the row {row} that came into view.", is_of_phase=row == TESTED),
            Fact(f"row_clicks:{row}", f"Clicks on the row {row}.", is_of_phase=row == TESTED),
            Fact(f"bought:{row}", f"Purchases that are ascribed to the row {row}.", is_of_phase=row == TESTED),
            Fact(
                f"attributed_fees:{row}",
                f"What was earned of purchases that are ascribed to the row {row}.",
                is_of_phase=row == TESTED,
            ),
        )
    ),
    Fact("row_clicks", "Clicks on any row of the homepage."),
    Fact("row_views", "Homepage views that went well, and the API's answers with the row that experiments decide on."),
    Fact("home_views", "Homepage views that went well, on the page alone."),
    Fact("home_ms", "The sum of their times, each capped at two seconds."),
    Fact("pages", "Homepage views, failed ones too."),
    Fact("page_errors", "Homepage views that ended in a server error."),
    Fact("team_clicks:a", "Clicks on what team A drafted into an interleaved row.", is_of_phase=True),
    Fact("team_clicks:b", "Clicks on what team B drafted into an interleaved row.", is_of_phase=True),
)
