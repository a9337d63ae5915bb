"""Requests that fit botocore's shapes more or less: right in parts, wrong in others, with values that hurt."""

from collections.abc import Sequence
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from hypothesis import strategies as st

# What programs send that nobody thought of: nothing, too much, text that is no text, numbers that are too large.
NASTY_TEXT = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "😀" * 70,
    "-",
    "'; DROP TABLE",
    "%s",
    "../..",
    "{",
    "$LATEST",
    "a" * 300,
)
NASTY_NUMBERS = (0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 1e308, 0.5, 253_402_300_800)
NAMES = ("fuzz", "fuzz-2", "Interactions", "a" * 63, "a" * 64)
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def requests_of(shape: Shape | None, known: Sequence[str]) -> st.SearchStrategy[Any]:
    """Bodies for an operation's input.

    Args:
        shape: the input; None where it takes none.
        known: ARNs, ids and texts that the server knows, so that some requests get far.
    """
    return ANYTHING if shape is None else st.one_of(_fitting(shape, known), _fitting(shape, known), ANYTHING)


def _fitting(shape: Shape, known: Sequence[str]) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        required = {
            name: _member(each, known) for name, each in shape.members.items() if name in shape.required_members
        }
        optional = {name: _member(each, known) for name, each in shape.members.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if isinstance(shape, ListShape):
        # A list that is longer than any limit, too.
        return st.lists(_member(shape.member, known), max_size=4) | st.builds(
            lambda one: [one] * 60, _member(shape.member, known)
        )
    if isinstance(shape, MapShape):
        return st.dictionaries(st.sampled_from((*NAMES, "ITEMS", "bptt", "")), _member(shape.value, known), max_size=3)
    return _scalar(shape, known)


def _member(shape: Shape, known: Sequence[str]) -> st.SearchStrategy[Any]:
    """Mostly what fits; else anything."""
    fitting = _fitting(shape, known)
    return st.integers(0, 19).flatmap(lambda draw: ANYTHING if draw == 0 else fitting)


def _scalar(shape: Shape, known: Sequence[str]) -> st.SearchStrategy[Any]:
    if isinstance(shape, StringShape):
        fitting = [*known, *NAMES, *(shape.enum or ())]
        if "Arn" in shape.name:
            fitting = [each for each in known if each.startswith("arn:")]
        return st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), st.sampled_from(NASTY_TEXT), st.text())
    if shape.type_name == "boolean":
        return st.booleans()
    whole: st.SearchStrategy[Any] = st.integers(1, 30) | st.sampled_from(NASTY_NUMBERS)
    return whole if shape.type_name in {"integer", "long"} else whole | st.floats(allow_nan=False, allow_infinity=False)
