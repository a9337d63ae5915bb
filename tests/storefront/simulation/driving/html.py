"""Pages as the shop's templates write them, cut to what shoppers read."""


def card(item_id: str, slug: str, query: str = "") -> str:
    link = f'<a class="card-link" href="/p/{slug}/{query}">x</a>'
    return f'<article class="card" data-item-id="{item_id}">\n{link}</article>'


def row(key: str, token: str, *item_ids: str, variation: str = "") -> str:
    cards = "".join(
        f'<li data-rank="{rank}">{card(item_id, item_id.lower(), f"?r={token}")}</li>'
        for rank, item_id in enumerate(item_ids, start=1)
    )
    shown = f' data-variation="{variation}"' if variation else ""
    head = f'<section class="row" data-row="{key}" data-token="{token}"{shown} aria-roledescription="x">'
    return f"{head}<ul>{cards}</ul></section>"
