"""What benchmarks count with. `make bench` runs the benchmarks themselves."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from arithmetic import forward_flop, peak_flops, training_flop
from resident import peak_resident

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def network():
    inputs = keras.Input((8, 6, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", name="tap")(inputs)
    return keras.Model(inputs, keras.layers.Dense(5)(keras.layers.Flatten()(x)))


def test_flop_of_a_step():
    tap = 2 * (8 * 6) * (3 * 3 * 3 * 4)
    whole = tap + 2 * (8 * 6 * 4) * 5
    assert forward_flop(network(), batch=7) == 7 * whole
    assert forward_flop(network(), batch=7, until="tap") == 7 * tap
    teachers = [network(), network()]
    assert training_flop(network(), teachers, 7, "tap") == 7 * (3 * whole + 2 * tap)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_machine_does_some(dtype):
    assert peak_flops(64, dtype, rounds=2) > 1e6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_the_peak_of_a_process_is_its_own():
    held = np.ones(2**27, "uint8")
    command = [sys.executable, "-c", "import resident; print(resident.peak_resident())"]
    ended = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=True)
    assert 2**20 < int(ended.stdout) < held.nbytes < peak_resident()
