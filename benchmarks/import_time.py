"""What `import keras_mtkd` costs over `import keras`. Budget: 0.3 s."""

import statistics
import subprocess
import sys

from report import Row, text

BUDGET = 0.3
_SCRIPT = "import time; s = time.perf_counter(); import {}; print(time.perf_counter() - s)"


def seconds(module, rounds):
    command = [sys.executable, "-c", _SCRIPT.format(module)]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(rounds)]
    return statistics.median(float(run.stdout) for run in runs)


def measure(rounds=5):
    base, ours = seconds("keras", rounds), seconds("keras_mtkd", rounds)
    return [Row("import keras_mtkd over import keras, s", "", ours - base, BUDGET)]


if __name__ == "__main__":
    print(text(measure()))
