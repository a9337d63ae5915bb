"""Curated colourways: seven colours that belong together, with the name a shop would give them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colourway:
    """Seven colours of one product; `accent` always stands out from `base`."""

    name: str
    family: str
    base: str
    panel: str
    accent: str
    lining: str
    sole: str
    outsole: str
    lace: str

    @property
    def slug(self) -> str:
        """The key under which a product's attributes keep this colourway."""
        return self.name.lower().replace(" ", "-")


_ROWS = """
Chalk            | white  | f4f2ec e7e3d9 2f3a4d d8d3c6 f8f6f1 cfc8b8 ffffff
Glacier          | white  | f1f4f6 c9dbe8 2d6ea8 b9cfe0 fbfcfd 9fc0d8 ffffff
Sail Gum         | white  | f3ecdc e4d6bb 7a3f22 cdb894 f6efe0 b98552 f6efe0
Pine Cream       | white  | f2ede0 1f5a43 1f5a43 17432f f5f0e4 1f5a43 f5f0e4
Paper Coral      | white  | f6f1ee f0d9d0 e2543f e2543f faf6f3 e9b3a5 ffffff
Lilac Frost      | purple | e6e0f0 cabfe2 5b3f98 f3f0f9 f7f5fb a996cf ffffff
Ink              | black  | 23262d 15171c eceef2 101217 2d3038 15171c 2d3038
Ink Gum          | black  | 24262b 191a1e f2efe8 121316 f1ece1 b07a45 24262b
Cinder Red       | black  | 1e1f24 b3232b f0efec 14151a f1efeb b3232b 1e1f24
Volt Night       | black  | 22262c 353b44 c8f031 14171b 2b3037 c8f031 c8f031
Carbon Teal      | black  | 2a2f36 3c444e 27c3b3 191d22 e9ecee 27a396 2a2f36
Fog              | grey   | c9ccd1 aeb3ba 3a4250 8d939c f0f1f3 9aa0a9 f0f1f3
Cement           | grey   | b5b4ae 8f8e88 2b2b29 d9d7cf edebe4 77766f e6e4dc
Storm            | grey   | 7b8490 59626e f4c542 454c56 eceef0 59626e e1e4e8
Moonrock         | grey   | a8a49c d6cfc0 55493d 7c766b efe9dc 7c766b d6cfc0
Harbour          | blue   | 1f3f6d 16305a f2f4f7 122544 f4f5f7 16305a f4f5f7
Campus Sky       | blue   | f3f5f7 7fb2e0 3377b8 7fb2e0 fafbfc 7fb2e0 ffffff
Cobalt           | blue   | 2456c8 1a3f98 ffffff 142f70 f5f7fb 1a3f98 ffffff
Denim            | blue   | 5b7ba3 3f5d84 f0d9a8 2f4666 f3efe4 b88a54 f3efe4
Midnight Gold    | blue   | 1b2440 121930 e2b04a 0d1224 f1ede2 121930 e2b04a
Lagoon           | teal   | 1c8c93 126a70 f6efe0 0f5358 f4f6f5 126a70 f4f6f5
Seafoam          | teal   | bfe3d6 8cc7b5 20695a 63a793 f7faf8 8cc7b5 ffffff
Forest           | green  | 245a3c 1a4630 f1ead7 133523 f3efe3 1a4630 f3efe3
Olive            | green  | 6b6f43 535732 efe6cb 3d4024 ece5d0 8a6a41 cfc8a2
Matcha           | green  | c8d6a6 a5ba7b 4b6230 86a05c f6f5ea a5ba7b f6f5ea
Kelp Orange      | green  | 3e4f3f 2c3a2d ff8a3c 202b21 efeade ff8a3c 2c3a2d
Redwood          | red    | 9c2b2b 7b1f22 f6ece0 5b1518 f4eee6 7b1f22 f6ece0
Varsity          | red    | f5f3ef c32a34 c32a34 93202a faf8f5 c32a34 ffffff
Cherry Cola      | red    | c22f3d 30191c f7efe9 1f1012 f5efe9 30191c f7efe9
Brick Navy       | red    | b4483a 22304f f4e9d8 1a2540 f3ece0 22304f f4e9d8
Wheat            | brown  | c99a5b a97b40 4a2f17 8a6231 eadbbd 8a5a2b e8cf9f
Mocha            | brown  | 6d4c3a 53382a f0dfc6 3f2a1f eee3d1 9a6b45 e6d2b5
Espresso         | brown  | 3c2a23 2b1e19 d9a869 1e1511 eadfce 8a5a34 3c2a23
Desert           | brown  | d9c3a0 bfa37a 8a4b2a a3865c f1e7d4 a3865c f1e7d4
Clay Mint        | orange | c8714b a9562f e0f4e8 86421f f5efe6 7fc4a6 f5efe6
Tangerine        | orange | f07a2b d45f14 2a2018 a84a0d f7f1ea d45f14 ffffff
Sunset           | orange | f6a15b ea5c5c 4a1f49 b63f58 fbf1e8 ea5c5c fbf1e8
Marigold         | yellow | f2bf3a d99f1a 3a2c12 b27f0d f8f3e4 3a2c12 ffffff
Lemon Ice        | yellow | f7eda0 ecd95a 4c6a8c cdb93b fcfaee ecd95a ffffff
Bubblegum        | pink   | f4b6c7 e98aa6 8e2450 d76b8d fbf3f5 e98aa6 ffffff
Rose Clay        | pink   | d9a5a0 bd7f7a 55282b 9f615d f6ece9 bd7f7a f6ece9
Fuchsia Pop      | pink   | d6347f a8215f fff1d6 84164a f9f3f6 a8215f ffffff
Plum             | purple | 5a3468 43244f f0d6a4 321a3c f1ebf3 43244f d9c4e2
Ultraviolet      | purple | 5b45c9 41309a c9ff6b 2f2274 f5f4fb 41309a ffffff
Grape Soda       | purple | 8a6cc8 6548a8 fdf3c9 4d3585 f7f4fb 6548a8 fdf3c9
"""


def _parse(row: str) -> Colourway:
    name, family, colours = (part.strip() for part in row.split("|"))
    return Colourway(name, family, *(f"#{value}" for value in colours.split()))


COLOURWAYS: dict[str, Colourway] = {colourway.slug: colourway for colourway in map(_parse, _ROWS.strip().splitlines())}
