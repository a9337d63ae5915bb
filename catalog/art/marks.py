"""Invented brand marks, drawn around the origin in a box of 100 by 60."""

from dataclasses import dataclass

from catalog.art.canvas import Canvas, Point, number
from catalog.art.colour import darken


@dataclass(frozen=True, slots=True)
class Piece:
    """One stroke of a mark: filled when `width` is 0, else a line of that width."""

    data: str
    width: float = 0


MARKS: dict[str, tuple[Piece, ...]] = {
    "ridge": (Piece("M-46 24 L-16 -18 L2 8 L18 -8 L46 24 L30 24 L18 12 L2 30 L-16 4 L-30 24Z"),),
    "comet": (
        Piece("M30 -22 a20 20 0 1 1 0 40 a20 20 0 1 1 0 -40Z"),
        Piece("M-4 -2h0", 20),
        Piece("M-26 -2h0", 13),
        Piece("M-43 -2h0", 8),
    ),
    "prism": (
        Piece("M-14 -28 L14 0 L-14 28 L-42 0Z"),
        Piece("M14 -25 L39 0 L14 25 L-11 0Z", 6),
    ),
    "fern": (
        Piece("M-44 22 C-14 20 20 6 44 -24", 5),
        Piece("M-24 18 C-30 4 -24 -8 -14 -14 C-10 -2 -14 10 -24 18Z"),
        Piece("M0 10 C-6 -6 0 -18 10 -26 C16 -12 12 0 0 10Z"),
        Piece("M-8 15 C4 26 18 26 28 20 C20 8 6 8 -8 15Z"),
        Piece("M18 0 C28 10 38 8 46 2 C40 -8 28 -8 18 0Z"),
    ),
    "gate": (
        Piece("M-34 28 V-2 C-34 -22 -18 -30 0 -30 C18 -30 34 -22 34 -2 V28", 9),
        Piece("M-13 28 V4 C-13 -14 13 -14 13 4 V28Z"),
    ),
    "lattice": (
        Piece("M-26 -22h0M0 -22h0M26 -22h0M-26 0h0M26 0h0M-26 22h0M0 22h0M26 22h0", 14),
        Piece("M0 -10 L10 0 L0 10 L-10 0Z"),
    ),
    "sail": (
        Piece("M-4 -30 L-4 22 L-44 22 C-28 8 -14 -8 -4 -30Z"),
        Piece("M6 -16 L6 22 L38 22 C30 6 20 -6 6 -16Z"),
        Piece("M-40 30 L34 30", 4),
    ),
    "anvil": (Piece("M-46 -20 L40 -20 L40 -8 C22 -6 14 0 14 8 L28 24 L-28 24 L-14 8 C-14 -2 -34 -4 -46 -20Z"),),
    "kite": (
        Piece("M0 -30 L-44 0 L-4 28Z"),
        Piece("M8 -24 L44 4 L4 28Z", 5),
    ),
    "tent": (Piece("M0 -28 L46 28 L15 28 L0 4 L-15 28 L-46 28Z"), Piece("M-7 -36 L0 -28 L7 -36", 4)),
    "pebble": (
        Piece("M-40 22 C-40 8 40 6 42 20 C42 32 -38 34 -40 22Z"),
        Piece("M-28 2 C-26 -10 28 -12 30 0 C30 10 -28 12 -28 2Z"),
        Piece("M-14 -18 C-12 -28 14 -30 16 -20 C16 -10 -14 -10 -14 -18Z"),
    ),
    "ember": (Piece("M-2 -30 C30 -8 34 28 2 30 C-30 30 -34 4 -16 -8 C-12 2 -6 4 -2 0 C4 -8 4 -20 -2 -30Z"),),
    "moth": (
        Piece("M-4 -6 C-14 -28 -40 -30 -46 -16 C-48 -2 -34 6 -20 6 C-34 12 -30 28 -18 28 C-8 26 -4 12 -4 -6Z"),
        Piece("M4 -6 C14 -28 40 -30 46 -16 C48 -2 34 6 20 6 C34 12 30 28 18 28 C8 26 4 12 4 -6Z"),
    ),
    "sprig": (
        Piece("M0 28 V-6", 5),
        Piece("M0 -2 C-30 2 -40 -14 -38 -28 C-14 -28 0 -18 0 -2Z"),
        Piece("M0 8 C24 12 36 0 36 -14 C14 -16 2 -8 0 8Z"),
    ),
    "dial": (
        Piece("M-27 0 a27 27 0 1 1 54 0 a27 27 0 1 1 -54 0Z", 6),
        Piece("M0 0 L16 -16 M0 0 L-20 0", 6),
    ),
}


def draw_mark(canvas: Canvas, mark: str, centre: Point, width: float, colour: str, *, turn: float = 0) -> None:
    """Paint `mark` at `centre`, `width` wide, with a thin darker lip below it.

    Raises:
        KeyError: the mark is not in `MARKS`.
    """
    scale = width / 100
    for drop, paint, opacity in ((2.2, darken(colour, 0.75), 0.3), (0.0, colour, 1.0)):
        x, y = number(centre[0]), number(centre[1] + drop * min(scale * 2, 1))
        spin = f" rotate({number(turn)})" if turn else ""
        fade = f' opacity="{opacity:g}"' if opacity < 1 else ""
        canvas.add(f'<g transform="translate({x} {y}){spin} scale({scale:.3g})"{fade}>')
        for piece in MARKS[mark]:
            if piece.width:
                canvas.line(piece.data, paint, piece.width)
            else:
                canvas.path(piece.data, paint)
        canvas.end()
