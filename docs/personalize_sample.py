"""Data for the tutorial: 500 users who each like one of five genres, and a hundred items of these genres.

    python docs/personalize_sample.py FOLDER

It writes interactions.csv (USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE) and items.csv (ITEM_ID, GENRE, PRICE), the same
each time.
"""

import csv
import random
import sys
from pathlib import Path

GENRES = ("action", "comedy", "drama", "horror", "romance")
ITEMS_PER_GENRE = 20
N_USERS, N_EACH = 500, 12
DAY_S = 86_400


def draw_interactions():
    draw = random.Random(1)
    for user in range(N_USERS):
        at_s = 1_700_000_000 + user
        for _ in range(N_EACH):
            at_s += draw.randrange(60, DAY_S)
            item = user % len(GENRES) * ITEMS_PER_GENRE + draw.randrange(ITEMS_PER_GENRE)
            yield f"user-{user}", f"item-{item}", at_s, draw.choice(("view", "view", "buy"))


def list_items():
    for item in range(len(GENRES) * ITEMS_PER_GENRE):
        yield f"item-{item}", GENRES[item // ITEMS_PER_GENRE], 10 + item


def write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    print(f"Written: {path}")


if len(sys.argv) != 2:
    sys.exit("Name the folder to write to: python docs/personalize_sample.py FOLDER")
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
write(folder / "interactions.csv", ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"), draw_interactions())
write(folder / "items.csv", ("ITEM_ID", "GENRE", "PRICE"), list_items())
