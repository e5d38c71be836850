"""What `import keras_mtkd` costs over `import keras`. Budget: 0.3 s."""

import statistics
import subprocess
import sys

from report import Row, text

BUDGET = 0.3
_SCRIPT = (
    "import keras, time; s = time.perf_counter(); import keras_mtkd; print(time.perf_counter() - s)"
)


def measure(rounds=7):
    command = [sys.executable, "-c", _SCRIPT]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(rounds)]
    seconds = statistics.median(float(run.stdout.split()[-1]) for run in runs)
    return [Row("import keras_mtkd over import keras", "", seconds, BUDGET, "s")]


if __name__ == "__main__":
    print(text(measure()))
