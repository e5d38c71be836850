"""A whole KD4MTL step on SegNet, ours over the same one in PyTorch, on this machine.

96 × 128, batch 2, or on an accelerator 288 × 384, batch 8; three tasks with a teacher each, two
taps, two Adam optimisers. Budget: 0.75 with live teachers, 0.55 with cached ones. Without PyTorch
only our own times are printed. The arithmetic of the step is counted in its convolutions alone; the
machine's rate is that of a large matrix product.
"""

import argparse
import contextlib
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
from arithmetic import peak_flops, peak_memory, training_flop
from report import Row, text
from timing import median_times

import keras_mtkd as mtkd
from keras_mtkd._backend.device import best_jit_compile, has_accelerator

SIZE, BATCH, PRODUCT = ((288, 384), 8, 8192) if has_accelerator() else ((96, 128), 2, 2048)
HEADS = {"semantic": 13, "depth": 1, "normal": 3}
CASE = f"{SIZE[0]} × {SIZE[1]}, batch {BATCH}, 3 teachers"
GFLOPS = "GFLOP/s"
BUDGETS = {"live": 0.75, "cached": 0.55}


def data():
    generator, shape = np.random.default_rng(0), (BATCH, *SIZE)
    normal = generator.normal(size=(*shape, 3)).astype("float32")
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return generator.uniform(size=(*shape, 3)).astype("float32"), {
        "semantic": generator.integers(-1, 13, size=shape).astype("int32"),
        "depth": generator.uniform(0.5, 5.0, size=(*shape, 1)).astype("float32"),
        "normal": normal,
    }


def network(tasks, dtype="float32"):
    keras.config.set_dtype_policy(dtype)
    model = mtkd.models.segnet((*SIZE, 3), {task: HEADS[task] for task in tasks})
    keras.config.set_dtype_policy("float32")
    return model


def our_step(
    x,
    y,
    teachers=True,
    teacher_dtype="float32",
    dtype="float32",
    jit_compile="auto",
    directory=None,
    pool=None,
):
    taught = {task: network([task], teacher_dtype) for task in HEADS} if teachers else {}
    weights = {"semantic": 1.0, "depth": 1.0, "normal": 2.0}
    penalty = keras.regularizers.L2(2.5e-4)
    ways = [
        mtkd.FeatureDistillation(tap, weight=weights, adaptor_regularizer=penalty)
        for tap in ("encoder", "decoder")
    ]
    distiller = mtkd.MultiTaskDistiller(network(HEADS, dtype), taught, ways if teachers else [])
    distiller.compile(
        keras.optimizers.Adam(1e-4),
        adaptor_optimizer=keras.optimizers.Adam(1e-1) if teachers else None,
        loss={
            "semantic": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, ignore_class=-1
            ),
            "depth": mtkd.losses.MaskedMeanAbsoluteError(),
            "normal": mtkd.losses.NormalCosine(),
        },
        jit_compile=jit_compile,
    )
    if directory is not None:
        data = mtkd.datasets.ArrayDataset(x, y, batch_size=BATCH)
        kept = mtkd.teachers.cache(taught, data, directory, ways, "float16", pool, verbose=0)
        return lambda: distiller.train_on_batch(*kept[0])
    return lambda: distiller.train_on_batch(x, y)


@contextlib.contextmanager
def torch_step(x, y):
    """A function that lets another process train one step in PyTorch; `None` without PyTorch."""
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: only our own times.")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        np.savez(path, x=x, **y)
        command = [sys.executable, str(Path(__file__).with_name("torch_segnet.py")), str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        with subprocess.Popen(command, **pipes) as worker:

            def step():
                worker.stdin.write("\n")
                return float(worker.stdout.readline())

            yield step
            worker.stdin.close()


def measure(rounds=7):
    x, y = data()
    steps = {
        "live": our_step(x, y),
        "live, bfloat16 teachers": our_step(x, y, teacher_dtype="bfloat16"),
        "plain": our_step(x, y, teachers=False),
    }
    if best_jit_compile("auto") is False:
        steps["live, XLA"] = our_step(x, y, jit_compile=True)
    if has_accelerator():
        half = "mixed_bfloat16"
        steps[f"live, {half}"] = our_step(x, y, teacher_dtype=half, dtype=half)
    with tempfile.TemporaryDirectory() as folder:
        for name, pool in {"cached": None, "cached, pooled": {"decoder": 4}}.items():
            steps[name] = our_step(x, y, directory=Path(folder) / name, pool=pool)
    with torch_step(x, y) as theirs:
        if theirs is not None:
            steps["PyTorch"] = theirs
        times = median_times(steps, rounds)
    rows = [Row(f"SegNet step, {name}", CASE, 1000 * t, unit="ms") for name, t in times.items()]
    for name in times:
        budget = BUDGETS.get(name.split(",")[0])
        if budget is not None and "PyTorch" in times:
            ratio = times[name] / times["PyTorch"]
            rows.append(Row(f"SegNet step, {name} / PyTorch", CASE, ratio, budget))
    flop = training_flop(network(HEADS), [network([task]) for task in HEADS], BATCH, "decoder")
    rows += [
        Row(
            f"SegNet step, {name}, arithmetic a second", CASE, flop / times[name] / 1e9, unit=GFLOPS
        )
        for name in times
        if name.startswith(("live", "PyTorch"))
    ]
    side = f"{PRODUCT} × {PRODUCT}"
    rows += [
        Row(f"large {dtype} matrix product", side, peak_flops(PRODUCT, dtype) / 1e9, unit=GFLOPS)
        for dtype in ("float32", "bfloat16")
    ]
    rows += [
        Row("SegNet step, live, arithmetic", CASE, flop / 1e9, unit="GFLOP"),
        *(Row(f"SegNet step, {n}", CASE, BATCH / t, unit="images/s") for n, t in times.items()),
    ]
    if (memory := peak_memory()) is not None:
        rows.append(Row("peak memory of the device", "all of these", memory / 2**20, unit="MiB"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    print(text(measure(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
