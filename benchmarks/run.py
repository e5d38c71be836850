"""All benchmarks of speed on this machine and backend, as one table with the budgets.

Writes `OUTPUT.md` and `OUTPUT.csv`. On an accelerator images a second, arithmetic a second against
the card's own matrix product and peak memory are part of it.
"""

import argparse
import importlib
from pathlib import Path

from report import frame, machine, text

BENCHMARKS = (
    "import_time",
    "step_time",
    "balancing",
    "segnet_step",
    "grouping_time",
    "growth",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="separated by commas")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks"))
    given = parser.parse_args()
    rows = []
    for name in given.only.split(","):
        found = importlib.import_module(name).measure()
        print(f"{name}\n{text(found)}\n", flush=True)
        rows += found
    given.output.parent.mkdir(parents=True, exist_ok=True)
    table = f"{machine()}\n\n{text(rows)}\n"
    given.output.with_suffix(".md").write_text(table, "utf-8")
    frame(rows).to_csv(given.output.with_suffix(".csv"), index=False)


if __name__ == "__main__":
    main()
