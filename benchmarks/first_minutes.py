"""What a newcomer waits for, in this checkout and in another one, such as that of a release before.

    python benchmarks/first_minutes.py ../other

The demo from nothing, installation included, once each and one after the other; then the command's
answers, the fastest of rounds in which both take turns. Budgets: 180 s and 0.7 s.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from import_time import ANSWERS
from report import Row, text

HERE = Path(__file__).parents[1]
DEMO, ANSWER = 180, 0.7
_ROUNDS = 5


def timed(command, folder):
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return time.perf_counter() - start


def measure(checkouts):
    """Rows for `{name: checkout}`, of which clones are used: what was committed counts."""
    rows, times = [], {}
    with tempfile.TemporaryDirectory() as root:
        for name, checkout in checkouts.items():
            clone = Path(root) / name
            # A checkout of a release before is on no branch, of which git would speak at length.
            quiet = ["-c", "advice.detachedHead=false"]
            subprocess.run(["git", *quiet, "clone", "-q", checkout, clone], check=True)
            rows.append(
                Row("make demo, from nothing", name, timed(["make", "demo"], clone), DEMO, "s")
            )
        for _ in range(_ROUNDS):
            for name in checkouts:
                command = Path(root) / name / ".venv" / "bin" / "keras-mtkd"
                for words in ANSWERS:
                    seconds = timed([command, *words.split()], Path(root) / name)
                    times[words, name] = min(seconds, times.get((words, name), seconds))
    rows += [Row(f"keras-mtkd {words}", name, s, ANSWER, "s") for (words, name), s in times.items()]
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", nargs="?", type=Path, help="the other checkout")
    given = parser.parse_args()
    print(text(measure({"here": HERE, **({"other": given.other} if given.other else {})})))
