"""A small file of sales, as contests publish them: names for ids, days for times, sizes as numbers."""

import gzip
from pathlib import Path

SALE_HEADER = "Order Date,Brand,Sneaker Name,Sale Price,Retail Price,Release Date,Shoe Size"
SALE_LINES = (
    "2017-09-01, Northwold,Northwold-Harbour-Low-Beluga,1097.0,220,2016-09-24,11.0",
    "2017-09-01, Northwold,Northwold-Harbour-Low-Beluga,1097.0,220,2016-09-24,11.0",
    "2017-09-02, Northwold,Northwold-Harbour-Low-Beluga,1080.5,220,2016-09-24,9.5",
    "2017-11-30,Mirelle,Mirelle-Court-High,217.7085,160,2017-11-20,11.0",
    "2017-12-02,Mirelle,Mirelle-Court-High,231.0,160,2017-11-20,4.0",
)
SALE_COLUMNS = (
    *("--item-id", "Sneaker Name", "--name", "Sneaker Name", "--sold-at", "Order Date", "--price", "Sale Price"),
    *("--size", "Shoe Size", "--brand", "Brand", "--retail-price", "Retail Price", "--released", "Release Date"),
    *("--size-prefix", "US "),
)


def write_sales(folder: Path, lines: tuple[str, ...] = SALE_LINES, *, is_gzip: bool = False) -> Path:
    text = "\n".join([SALE_HEADER, *lines]) + "\n"
    path = folder / ("sales.csv.gz" if is_gzip else "sales.csv")
    path.write_bytes(gzip.compress(text.encode()) if is_gzip else text.encode())
    return path
