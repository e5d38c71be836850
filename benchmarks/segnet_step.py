"""A whole KD4MTL step on SegNet, ours over the same one in PyTorch, on this machine.

96 × 128, batch 2, three tasks with a teacher each, two taps, two Adam optimisers. Budget: 0.75
with live teachers. Without PyTorch only our own times are printed.
"""

import argparse

import keras
import numpy as np
from timing import median_times

import keras_mtkd as mtkd

SIZE, BATCH = (96, 128), 2
HEADS = {"semantic": 13, "depth": 1, "normal": 3}
BUDGET = 0.75


def data():
    generator, shape = np.random.default_rng(0), (BATCH, *SIZE)
    normal = generator.normal(size=(*shape, 3)).astype("float32")
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return generator.uniform(size=(*shape, 3)).astype("float32"), {
        "semantic": generator.integers(-1, 13, size=shape).astype("int32"),
        "depth": generator.uniform(0.5, 5.0, size=(*shape, 1)).astype("float32"),
        "normal": normal,
    }


def our_step(x, y, teachers=True):
    def network(tasks):
        return mtkd.models.segnet((*SIZE, 3), {task: HEADS[task] for task in tasks})

    taught = {task: network([task]) for task in HEADS} if teachers else {}
    weights = {"semantic": 1.0, "depth": 1.0, "normal": 2.0}
    penalty = keras.regularizers.L2(2.5e-4)
    ways = [
        mtkd.FeatureDistillation(tap, weight=weights, adaptor_regularizer=penalty)
        for tap in ("encoder", "decoder")
    ]
    distiller = mtkd.MultiTaskDistiller(network(HEADS), taught, ways if teachers else [])
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
    )
    return lambda: distiller.train_on_batch(x, y)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    x, y = data()
    steps = {"live": our_step(x, y), "plain": our_step(x, y, teachers=False)}
    try:
        from torch_segnet import make_step
    except ImportError:
        print("PyTorch is not installed: only our own times.")
    else:
        steps["pytorch"] = make_step(x, y)
    times = median_times(steps, rounds)
    print(f"Keras {keras.version()}, backend {keras.backend.backend()}, {rounds} rounds, medians")
    print("  " + ", ".join(f"{name} {1000 * value:.0f} ms" for name, value in times.items()))
    if "pytorch" in times:
        print(
            f"  live teachers / PyTorch: {times['live'] / times['pytorch']:.2f}   (budget {BUDGET})"
        )


if __name__ == "__main__":
    main()
