"""A filter's text as words, texts, numbers, parameters and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from recommendations.engine.exceptions import InvalidFilter

Kind = Literal["word", "text", "number", "parameter", "sign", "end"]

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
    |(?P<parameter>\$\w*)
    |(?P<sign><=|>=|!=|<>|[=<>(),|*])
    |(?P<word>[A-Za-z_][\w.]*)
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# Amazon Personalize API reference, FilterValues: the name of a parameter.
_PARAMETER = re.compile(r"[A-Za-z0-9_]{1,50}")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression.

    Attributes:
        kind: what it is.
        text: the text inside double quotes, the parameter without its $, all else as written.
        at: the number of its first character, the first of the expression being 1.
    """

    kind: Kind
    text: str
    at: int

    def is_sign(self, sign: str) -> bool:
        """Whether it is this sign."""
        return self.kind == "sign" and self.text == sign

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, which are in capitals; how it is written does not matter."""
        return self.kind == "word" and self.text.upper() in words

    def shown(self) -> str:
        """How a message quotes it."""
        return {"end": "the end", "text": f'"{self.text}"', "parameter": f"${self.text}"}.get(self.kind, self.text)


def fault_at(at: int, problem: str) -> InvalidFilter:
    """Return the error for something wrong at a character."""
    return InvalidFilter(f"At character {at} of the filter: {problem}")


def split_tokens(expression: str) -> list[Token]:
    """Return the pieces of an expression, in order, an end after the last.

    Raises:
        InvalidFilter: a character means nothing there; the message names place and fix.
    """
    tokens: list[Token] = []
    place = 0
    while place < len(expression):
        found = _TOKEN.match(expression, place)
        if found is None:
            raise fault_at(place + 1, _problem(expression[place:]))
        kind, text = found.lastgroup, found.group()
        if kind == "text":
            tokens.append(Token("text", _ESCAPE.sub(r"\1", text[1:-1]), place + 1))
        elif kind == "parameter":
            if _PARAMETER.fullmatch(text[1:]) is None:
                raise fault_at(place + 1, "a parameter is $ and a name of 1 to 50 letters, digits and _.")
            tokens.append(Token("parameter", text[1:], place + 1))
        elif kind == "sign":
            tokens.append(Token("sign", "!=" if text == "<>" else text, place + 1))
        elif kind != "blank":
            tokens.append(Token("word" if kind == "word" else "number", text, place + 1))
        place = found.end()
    return [*tokens, Token("end", "", len(expression) + 1)]


def _problem(rest: str) -> str:
    if rest[0] == '"':
        return 'the text that begins here has no end; close it with a double quote (").'
    if rest[0] in "'`\u2018\u201c\u201d":
        return 'write texts in straight double quotes, "like this".'
    return f"{rest[0]!r} means nothing here; texts stand in double quotes."
