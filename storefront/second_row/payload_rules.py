"""What a variation of the shop may ask for, told to the experiments' pages: the kinds of payload, and what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.hooks import PayloadKind

INTERLEAVING = "interleaving"
SECOND_ROW = "the homepage's second row"

KINDS = (
    PayloadKind("rule", "A list for everybody: trending or most-popular.", '{"rule": "trending"}'),
    PayloadKind("rotation", "The personal list of a rotation's live campaign.", '{"rotation": "home"}'),
    PayloadKind(
        "slot",
        "The personal list of the rotation that serves a slot; name the rotation too where there are several.",
        '{"slot": "home-recommended", "rotation": "home"}',
    ),
    PayloadKind(
        "recipe",
        "The personal list of the first active rotation of a recipe.",
        '{"recipe": "aws-user-personalization"}',
    ),
)


class RowPayloads:
    """`settings.EXPERIMENT_PAYLOADS`: the payloads that the second row acts on."""

    def list_kinds(self) -> Sequence[PayloadKind]:
        """The kinds of payload, with an example each."""
        return KINDS

    def find_faults(self, payload: Mapping[str, Any], design: str) -> Sequence[str]:
        """What is wrong with a payload, each naming the field and the fix; empty where nothing is.

        Args:
            payload: a variation's.
            design: of its experiment; both teams of an interleaved one must be campaigns.
        """
        # Settings name this class before models can be loaded.
        from storefront.second_row.payload_faults import find_faults

        return find_faults(payload, needs_campaign=design == INTERLEAVING)

    def find_place(self, payload: Mapping[str, Any], design: str) -> str:  # noqa: ARG002 - the protocol's
        """The second row, whatever fills it: one experiment decides on it for a shopper, the first that has them."""
        return SECOND_ROW
