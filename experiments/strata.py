"""Strata: what is known of a unit, spelled as one of few texts, so that a pass over a million units can group by it."""

from typing import Any

from experiments import conf

# A value that the project did not declare; so strata stay as few as the declared values allow.
OTHER = "other"


def spell_stratum() -> tuple[str, dict[str, Any]]:
    """The declared attributes of a row `h` as canonical JSON.

    Returns:
        The expression and its named parameters; "{}" for all where the project declares none.
    """
    named: dict[str, Any] = {}
    parts = []
    for number, (name, values) in enumerate(sorted(conf.known_attributes().items())):
        named |= {f"name{number}": name, f"values{number}": list(values), "other": OTHER}
        value = f"h.attributes ->> %(name{number})s"
        parts.append(
            f"%(name{number})s::text, CASE WHEN {value} = ANY(%(values{number})s::text[]) THEN {value}"
            f" ELSE %(other)s::text END"
        )
    return (f"jsonb_build_object({', '.join(parts)})::text" if parts else "'{}'::text"), named
