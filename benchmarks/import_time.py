"""What `import keras_mtkd` costs over `import keras`, and what the command takes to answer.

Budgets: 0.3 s for the import; 0.7 s for help, lists and mistakes, the whole process.
"""

import statistics
import subprocess
import sys
import time

from report import Row, text

BUDGET = 0.3
ANSWER = 0.7
_SCRIPT = (
    "import keras, time; s = time.perf_counter(); import keras_mtkd; print(time.perf_counter() - s)"
)
ANSWERS = ("--help", "--version", "methods", "compare --help", "compare --methods mtkld")


def measure(rounds=7):
    command = [sys.executable, "-c", _SCRIPT]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(rounds)]
    seconds = statistics.median(float(run.stdout.split()[-1]) for run in runs)
    row = Row("import keras_mtkd over import keras", "", seconds, BUDGET, "s")
    return [row, *(answer(words, rounds) for words in ANSWERS)]


def answer(words, rounds):
    """A whole process of the command, start of Python included; the fastest, as least disturbed."""
    command, times = [sys.executable, "-m", "keras_mtkd", *words.split()], []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return Row("keras-mtkd answers", words, min(times), ANSWER, "s")


if __name__ == "__main__":
    print(text(measure()))
