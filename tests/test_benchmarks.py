"""What benchmarks count with. `make bench` runs the benchmarks themselves."""

import sys
from pathlib import Path

import keras
import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from arithmetic import forward_flop, peak_flops, training_flop


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
