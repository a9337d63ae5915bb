from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.engine.arrays.strings import StringTable


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"]))), st.text(st.characters(exclude_categories=["Cs"])))
def test_string_table_finds_what_it_holds_and_nothing_else(strings: set[str], other: str) -> None:
    table = StringTable.build(sorted(strings))

    assert list(table) == sorted(strings) == list(table.to_tuple())
    assert [table.find(string) for string in table] == list(range(len(strings)))
    assert (table.find(other) >= 0) == (other in strings)


def test_string_table_reads_as_a_sequence() -> None:
    table = StringTable.build(["a", "bé", "c"])

    assert (table[1], table[-1], table[0:2]) == ("bé", "c", ["a", "bé"])
    with pytest.raises(IndexError):
        table[3]
