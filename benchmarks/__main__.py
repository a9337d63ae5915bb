"""Every quick benchmark, one after the other; each also runs alone: python -m benchmarks.<name>."""

import subprocess
import sys

QUICK = (
    ("benchmarks.assignment",),
    ("benchmarks.event_capture",),
    ("benchmarks.etl",),
    ("benchmarks.homepage_under_retrain", "--seconds", "30"),
)


def main() -> int:
    codes = [subprocess.run([sys.executable, "-m", *command], check=False).returncode for command in QUICK]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
