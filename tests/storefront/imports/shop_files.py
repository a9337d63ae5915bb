"""A small shop's files: goods, two fee lines, an item without a price; purchases and returns over a month."""

import gzip
from pathlib import Path

ITEMS = """item_id,name,price,first_seen
1,WHITE HANGING HEART T-LIGHT HOLDER,2.55,1291191960
2,REGENCY CAKESTAND 3 TIER,12.75,1291191960
3,JUMBO BAG RED RETROSPOT,1.95,1291191960
4,POSTAGE,18.0,1291191960
5,Adjust bad debt,-11062.06,1291191960
6,damaged,0.0,1291191960
"""
ITEM_COLUMNS = ("--item-id", "item_id", "--name", "name", "--price", "price", "--created", "first_seen")
FEES = ("--exclude-names", "Postage,adjust  BAD debt")
HEADER = "user_id,item_id,timestamp,event_type,unitprice"
COLUMNS = ("--user-id", "user_id", "--item-id", "item_id", "--timestamp", "timestamp", "--event-type", "event_type")
FIRST_S = 1_291_200_000
N_ROWS = 1_200
LAST_S = FIRST_S + (N_ROWS - 1) * 1_800


def interaction_lines() -> list[str]:
    """1,200 rows: every tenth a return, every sixth a fee, every seventh pair a repetition of the row before."""
    lines: list[str] = []
    for number in range(N_ROWS):
        if number % 14 == 7:
            lines.append(lines[-1])
            continue
        item = "4" if number % 6 == 5 else str(1 + number % 3)
        kind = "return" if number % 10 == 9 else "purchase"
        lines.append(f"{17000 + number % 40},{item},{FIRST_S + number * 1800},{kind},2.55")
    return lines


def write_items(folder: Path, text: str = ITEMS) -> Path:
    path = folder / "items.csv"
    path.write_text(text, encoding="utf-8")
    return path


def write_interactions(folder: Path, lines: list[str], *, is_gzip: bool = False) -> Path:
    text = "\n".join([HEADER, *lines]) + "\n"
    path = folder / ("interactions.csv.gz" if is_gzip else "interactions.csv")
    path.write_bytes(gzip.compress(text.encode()) if is_gzip else text.encode())
    return path
