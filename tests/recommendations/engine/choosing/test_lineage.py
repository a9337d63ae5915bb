from __future__ import annotations

import numpy as np

from recommendations.engine.choosing.lineage import Lineage, digest_users
from recommendations.engine.evaluation.splits import hold_out_users
from recommendations.engine.interactions import Interactions

DAY_S = 86_400


def make_log(n_users: int, n_events: int, first_day: int = 0) -> Interactions:
    rows = [
        (f"u{user:03}", f"i{event:03}", (first_day + event) * DAY_S)
        for user in range(n_users)
        for event in range(n_events)
    ]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def newest_tenths(log: Interactions) -> list[set[tuple[str, int]]]:
    """The item and time of each event of every user's newest tenth, rounded up."""
    tenths = []
    for start, stop in zip(log.starts[:-1].tolist(), log.starts[1:].tolist(), strict=True):
        rows = range(stop - -(-(stop - start) // 10), stop)
        tenths.append({(log.item_ids[log.items[row]], int(log.timestamps[row])) for row in rows})
    return tenths


def test_lineage_finds_users_whose_newest_tenth_no_training_has_seen() -> None:
    before = make_log(60, 20)
    asked = hold_out_users(before, 0.2).cases
    after = make_log(60, 23)

    unlearned = Lineage.of(before, asked).find_unlearned(after)

    withheld = {case.user_id for case in asked}
    newest = int(before.timestamps.max())
    for user, is_unlearned, tenth in zip(after.user_ids, unlearned.tolist(), newest_tenths(after), strict=True):
        assert is_unlearned == (user in withheld or all(time > newest for _, time in tenth))
    assert unlearned.all()


def test_lineage_trusts_nobody_who_did_nothing_since_and_was_not_asked() -> None:
    log = make_log(60, 20)
    asked = hold_out_users(log, 0.2).cases

    unlearned = Lineage.of(log, asked).find_unlearned(log)

    assert {log.user_ids[user] for user in np.flatnonzero(unlearned).tolist()} == {case.user_id for case in asked}


def test_lineage_keeps_to_its_users_where_old_events_have_gone() -> None:
    log = make_log(60, 40)
    asked = hold_out_users(log, 0.2).cases
    later = log.take(log.timestamps >= 15 * DAY_S)

    lineage = Lineage.of(log, asked)

    for user in np.flatnonzero(lineage.find_unlearned(later)).tolist():
        assert newest_tenths(later)[user] <= newest_tenths(log)[user]


def test_lineage_of_a_training_that_withheld_nothing_trusts_only_what_came_later() -> None:
    before, after = make_log(40, 20), make_log(40, 10, first_day=100)

    lineage = Lineage.of(before)

    assert not lineage.find_unlearned(before).any()
    assert lineage.find_unlearned(after).all()


def test_digests_are_the_same_everywhere_and_differ_by_user() -> None:
    digests = digest_users(["even-0", "odd-1", "\ud800"])

    assert digests.tolist()[:2] == [3682601418401309292, 11512462562829827554]
    assert len(set(digests.tolist())) == 3
