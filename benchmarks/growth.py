"""How a step grows with tasks, teachers and taps, and grouping with tasks.

Every size runs in a process of its own, so that its peak memory is its own. Printed are the time of
a training step, the largest resident memory, and the exponent of a power law through the largest
half of the sizes: nothing but the task-by-task similarity may grow faster than linearly.
"""

import argparse
import json
import subprocess
import sys
import time

import keras
import numpy as np
from report import Row, text
from resident import peak_resident
from timing import median_times

import keras_mtkd as mtkd

SIZES = {
    "tasks": (2, 4, 8, 16, 32),
    "teachers": (1, 2, 4, 8, 16),
    "taps": (1, 2, 4, 8),
    "grouping": (2, 4, 8, 16, 32, 64),
}
SHAPE, LAYERS = (256, 128), 8
LIMIT = {"tasks": 1.1, "teachers": 1.1, "taps": 1.1, "grouping": 2.1}


def network(tasks, width=256):
    inputs = keras.Input(SHAPE[1:])
    x = inputs
    for number in range(LAYERS):
        x = keras.layers.Dense(width, activation="relu", name=f"layer{number}")(x)
    return keras.Model(inputs, {task: keras.layers.Dense(10)(x) for task in tasks})


def step_time(tasks=8, teachers=None, taps=1):
    """A step of a student of many tasks; teachers beyond their number teach several tasks."""
    names = [f"task{number}" for number in range(tasks)]
    count = tasks if teachers is None else teachers
    parts = [names[number::count] for number in range(count)]
    models = {task: model for part in parts for model in [network(part)] for task in part}
    ways = [mtkd.FeatureDistillation(f"layer{LAYERS - 1 - number}") for number in range(taps)]
    distiller = mtkd.MultiTaskDistiller(network(names), models, ways)
    distiller.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    generator = np.random.default_rng(0)
    x = generator.normal(size=SHAPE).astype("float32")
    y = {task: generator.integers(10, size=SHAPE[0]) for task in names}
    return median_times({"step": lambda: distiller.train_on_batch(x, y)}, rounds=9)["step"]


def grouping_time(tasks):
    """Similarity of all teachers on 512 probe samples, and blocks."""
    teachers = {f"task{number}": network([f"task{number}"]) for number in range(tasks)}
    x = np.random.default_rng(0).normal(size=(512, *SHAPE[1:])).astype("float32")
    start = time.perf_counter()
    similarity = mtkd.similarity.task_similarity(teachers, x, layer=f"layer{LAYERS - 1}")
    mtkd.scheduling.group_tasks(similarity)
    return time.perf_counter() - start


def single(kind, size):
    if kind == "grouping":
        seconds = grouping_time(size)
    else:
        sizes = {"tasks": 16, "teachers": 16} if kind == "teachers" else {}
        seconds = step_time(**{**sizes, kind: size})
    return {"size": size, "seconds": seconds, "MiB": peak_resident() / 2**20}


def alone(kind, size):
    command = [sys.executable, __file__, "--kind", kind, "--size", str(size)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout.strip().splitlines()[-1])


def exponent(rows, name):
    """Of a power law through the largest half of the sizes, above what a single one costs."""
    rows = rows[len(rows) // 2 :]
    sizes = np.log([row["size"] for row in rows])
    return float(np.polyfit(sizes, np.log([row[name] for row in rows]), 1)[0])


def rows_of(kind, found):
    what = "similarity and blocks" if kind == "grouping" else "step"
    rows = []
    for row in found:
        case = f"{row['size']} {'tasks' if kind == 'grouping' else kind}"
        rows.append(Row(f"{what}, by {kind}", case, 1000 * row["seconds"], unit="ms"))
        rows.append(Row(f"peak memory, by {kind}", case, row["MiB"], unit="MiB"))
    case = f"{SIZES[kind][len(found) // 2]} to {SIZES[kind][-1]}"
    for name, column in (("time", "seconds"), ("memory", "MiB")):
        slope = exponent(found, column)
        rows.append(Row(f"exponent of the {name}, by {kind}", case, slope, LIMIT[kind]))
    return rows


def draw(found, path):
    """Time and memory over size, one line a kind."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
    for kind, rows in found.items():
        sizes = [row["size"] for row in rows]
        axes[0].plot(sizes, [1000 * row["seconds"] for row in rows], "o-", label=kind)
        axes[1].plot(sizes, [row["MiB"] for row in rows], "o-", label=kind)
    for side, label in zip(axes, ("time, ms", "peak memory, MiB"), strict=True):
        side.set_xscale("log", base=2)
        side.xaxis.set_major_formatter("{x:.0f}")
        side.set_xlabel("tasks, teachers or taps")
        side.set_ylabel(label)
        side.spines[["top", "right"]].set_visible(False)
    axes[0].set_yscale("log")
    axes[1].set_ylim(bottom=0)
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def measure(kinds=tuple(SIZES), figure=None):
    found = {kind: [alone(kind, size) for size in SIZES[kind]] for kind in kinds}
    if figure is not None:
        draw(found, figure)
    return [row for kind in kinds for row in rows_of(kind, found[kind])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=list(SIZES))
    parser.add_argument("--size", type=int)
    parser.add_argument("--figure", help="where to draw time and memory over size")
    given = parser.parse_args()
    if given.size is not None:
        print(json.dumps(single(given.kind, given.size)))
        return
    print(text(measure([given.kind] if given.kind else tuple(SIZES), given.figure)))


if __name__ == "__main__":
    main()
