"""What a distillation step costs: ratios measured in one run, on either backend.

Prints, against the budgets of the project,
* a step with live teachers over (plain multi-output step + one forward per distinct teacher),
* a step with cached teachers over the plain step, for maps also with features pooled by 4, and the
  adaptors' matrix products alone, forward and backward, over the plain step,
* a step with all teachers switched off over the plain step,
* the step of `keras.distillation.Distiller` over ours, on one teacher and a single-output
  student with named inner layers, the case that it can run.

All steps use XLA, or none does, as the distiller chooses for the machine.
"""

import argparse
import tempfile

import keras
import numpy as np
from keras import ops
from report import Row, text
from timing import median_times

import keras_mtkd as mtkd
from keras_mtkd._backend.autodiff import compiled_gradient
from keras_mtkd._backend.device import best_jit_compile

TASKS = ("a", "b", "c")
TAP = "features"
XLA = {"jit_compile": best_jit_compile("auto")}


def dense_model(tasks, width=1024, features=128):
    inputs = keras.Input((256,))
    x = inputs
    for _ in range(3):
        x = keras.layers.Dense(width, activation="relu")(x)
    x = keras.layers.Dense(features, activation="relu", name=TAP)(x)
    return keras.Model(inputs, {task: keras.layers.Dense(10)(x) for task in tasks})


def convolutional_model(tasks, width=32):
    inputs = keras.Input((64, 64, 3))
    x = inputs
    for factor in (1, 2):
        x = keras.layers.Conv2D(width * factor, 3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Conv2D(width * 2, 3, padding="same", activation="relu", name=TAP)(x)
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, {task: keras.layers.Dense(10)(pooled) for task in tasks})


def adaptors_alone(model, x):
    """Gradients of one adaptor a task on the tap, with nothing but their matrix products."""
    features = keras.Model(model.input, model.get_layer(TAP).output)(x)
    channels = features.shape[-1]
    rows = ops.reshape(features, (-1, channels))
    kernels = [keras.random.normal((channels, channels), seed=number) for number in range(3)]

    def total(arrays):
        first, *rest = arrays
        return sum(ops.sum(ops.square(ops.matmul(first, kernel))) for kernel in rest)

    gradient = compiled_gradient(total)
    return lambda: [np.asarray(part)[:1] for part in gradient([rows, *kernels])]


CASES = {
    "3 × 1024 and 128 dense, batch 512": (dense_model, (512, 256)),
    "3 convolutions, 64 × 64, batch 32": (convolutional_model, (32, 64, 64, 3)),
}


def data(shape, tasks=TASKS):
    generator = np.random.default_rng(0)
    x = generator.normal(size=shape).astype("float32")
    return x, {task: generator.integers(10, size=shape[0]) for task in tasks}


def cross_entropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def distillation_rows(title, make, shape, rounds):
    x, y = data(shape)
    plain = make(TASKS)
    plain.compile("adam", loss={task: cross_entropy() for task in TASKS}, **XLA)
    teachers = {task: make((task,)) for task in TASKS}
    way = mtkd.FeatureDistillation(TAP)
    taught = {}
    maps = len(shape) == 4
    for name in ("live", "off", "cached", *(["pooled"] if maps else [])):
        taught[name] = mtkd.MultiTaskDistiller(make(TASKS), teachers, [way])
        taught[name].compile("adam", loss={task: cross_entropy() for task in TASKS})
    taught["off"].distillation_weights.assign([0.0] * len(TASKS))
    forward = keras.Model(teachers["a"].input, teachers["a"].get_layer(TAP).output)
    forward.compile(**XLA)
    with tempfile.TemporaryDirectory() as folder:
        arrays = mtkd.datasets.ArrayDataset(x, y, batch_size=len(x))
        kept = mtkd.teachers.cache(teachers, arrays, f"{folder}/whole", [way], verbose=0)[0]
        pool = {TAP: 4} if maps else {}
        small = mtkd.teachers.cache(
            teachers, arrays, f"{folder}/pooled", [way], pool=pool, verbose=0
        )[0]
    pooled = {"pooled": lambda: taught["pooled"].train_on_batch(*small)} if maps else {}
    times = median_times(
        {
            **pooled,
            "adaptors": adaptors_alone(plain, x),
            "plain": lambda: plain.train_on_batch(x, y),
            "live": lambda: taught["live"].train_on_batch(x, y),
            "cached": lambda: taught["cached"].train_on_batch(*kept),
            "off": lambda: taught["off"].train_on_batch(x, y),
            "forward": lambda: forward.predict_on_batch(x),
        },
        rounds,
    )
    ideal = times["plain"] + len(TASKS) * times["forward"]
    pooled_rows = [
        Row("cached teachers, pooled by 4 / plain step", title, times[name] / times["plain"], 1.10)
        for name in pooled
    ]
    return [
        Row("live teachers / (plain step + teacher forwards)", title, times["live"] / ideal, 1.10),
        Row("cached teachers / plain step", title, times["cached"] / times["plain"], 1.10),
        *pooled_rows,
        Row("adaptors' products alone / plain step", title, times["adaptors"] / times["plain"]),
        Row("teachers off / plain step", title, times["off"] / times["plain"]),
    ]


def incumbent_row(title, make, shape, rounds):
    x, y = data(shape, ("a",))

    def single():
        model = make(("a",))
        return keras.Model(model.input, model.output["a"])

    teacher = single()
    theirs = keras.distillation.Distiller(
        teacher=teacher,
        student=single(),
        distillation_losses=keras.distillation.FeatureDistillation(
            loss=keras.losses.MeanSquaredError(), teacher_layer_name=TAP, student_layer_name=TAP
        ),
    )
    theirs.compile("adam", loss=cross_entropy(), **XLA)
    way = mtkd.FeatureDistillation(TAP, adaptor="none", loss="mse")
    ours = mtkd.MultiTaskDistiller(make(("a",)), {"a": teacher}, [way])
    ours.compile("adam", loss={"a": cross_entropy()})
    times = median_times(
        {
            "theirs": lambda: theirs.train_on_batch(x, y["a"]),
            "ours": lambda: ours.train_on_batch(x, y),
        },
        rounds,
    )
    ratio = times["theirs"] / times["ours"]
    return Row("keras.distillation.Distiller / ours", title, ratio)


def measure(rounds=25):
    rows = []
    for title, (make, shape) in CASES.items():
        rows += distillation_rows(title, make, shape, rounds)
        rows.append(incumbent_row(title, make, shape, rounds))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    print(text(measure(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
