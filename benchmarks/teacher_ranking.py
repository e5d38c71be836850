"""Does the ranking find the teacher that helps most? And what does it cost?

Twelve classifiers of other label spaces (MNIST digits, Fashion-MNIST articles), a student that
learns five kinds of clothing from a few labelled and more unlabelled pictures with each of them in
turn, several seeds: Spearman's correlation between the rank and the accuracy that the student
really reaches. The ranking sees the labelled pictures alone.
`DATA` holds mnist.npz and fashion_mnist.npz, or nothing: Keras then downloads them.
"""

import argparse
import time

import keras
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import keras_mtkd as mtkd
from keras_mtkd import selection

CLOTHES = (0, 2, 3, 4, 6)
TEACHERS = {
    "clothes 0 2 3 4 6": ("fashion", CLOTHES),
    "clothes 0 2 4": ("fashion", (0, 2, 4)),
    "clothes 2 4 6": ("fashion", (2, 4, 6)),
    "clothes 0 3": ("fashion", (0, 3)),
    "clothes 0 to 4": ("fashion", range(5)),
    "shoes": ("fashion", (5, 7, 9)),
    "shoes, bags, trousers": ("fashion", (1, 5, 7, 8, 9)),
    "trousers, bags": ("fashion", (1, 8)),
    "all articles": ("fashion", range(10)),
    "digits 0 to 4": ("mnist", range(5)),
    "digits 5 to 9": ("mnist", range(5, 10)),
    "all digits": ("mnist", range(10)),
}
CLASSES = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def arrays(path):
    names = {"mnist": keras.datasets.mnist, "fashion": keras.datasets.fashion_mnist}
    if path is None:
        loaded = {name: module.load_data() for name, module in names.items()}
        return {name: {"train": parts[0], "test": parts[1]} for name, parts in loaded.items()}
    files = {"mnist": "mnist.npz", "fashion": "fashion_mnist.npz"}
    sets = {}
    for name, file in files.items():
        with np.load(f"{path}/{file}") as data:
            sets[name] = {
                part: (data[f"x_{part}"], data[f"y_{part}"]) for part in ("train", "test")
            }
    return sets


def subset(data, classes, count, seed):
    """So many pictures of these classes, numbered anew from 0."""
    x, y = data
    rows = np.flatnonzero(np.isin(y, classes))
    rows = np.random.default_rng(seed).permutation(rows)[:count]
    number = {old: new for new, old in enumerate(classes)}
    return x[rows][..., None].astype("float32") / 255, np.array([number[c] for c in y[rows]])


def network(classes):
    layers = keras.layers
    inputs = keras.Input((28, 28, 1))
    x = inputs
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(32, activation="relu", name="features")(layers.Flatten()(x))
    return keras.Model(inputs, {"kind": layers.Dense(classes)(x)})


def train_teachers(sets):
    teachers = {}
    for name, (source, classes) in TEACHERS.items():
        keras.utils.set_random_seed(7)
        x, y = subset(sets[source]["train"], list(classes), 6000, seed=1)
        teachers[name] = network(len(classes))
        teachers[name].compile(keras.optimizers.Adam(2e-3), {"kind": CLASSES})
        teachers[name].fit(x, {"kind": y}, epochs=6, batch_size=64, verbose=0)
    return teachers


def student_accuracy(data, labels, test, seed, weight=0.0, teacher=None):
    """Accuracy of a student that knows the first `labels` labels of the data."""
    keras.utils.set_random_seed(seed)
    ways = []
    if teacher is not None:
        cost = selection.teacher_cost(teacher, known(data, labels))
        ways = [mtkd.CrossTaskDistillation(teacher, cost, "kind", weight, use_sample_weight=False)]
    student = network(len(CLOTHES))
    distiller = mtkd.MultiTaskDistiller(student, {}, ways)
    # A mean over the labelled samples of a batch, however few.
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    distiller.compile(keras.optimizers.Adam(2e-3), loss={"kind": loss})
    weights = {"kind": (np.arange(len(data[0])) < labels).astype("float32")}
    x, y = data[0], {"kind": data[1]}
    distiller.fit(x, y, sample_weight=weights, epochs=15, batch_size=64, verbose=0)
    predicted = student.predict(test[0], batch_size=256, verbose=0)["kind"].argmax(axis=1)
    return float(np.mean(predicted == test[1]))


def known(data, labels):
    return data[0][:labels], data[1][:labels]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default=None)
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--unlabelled", type=int, default=2000)
    parser.add_argument("--weight", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    sets = arrays(options.path)
    teachers = train_teachers(sets)
    test = subset(sets["fashion"]["test"], list(CLOTHES), 4000, seed=0)
    accuracy, scores, alone, ranking, trying = {}, {}, [], 0.0, 0.0
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        labels = options.labels
        count = labels + options.unlabelled
        data = subset(sets["fashion"]["train"], list(CLOTHES), count, 100 + seed)
        start = time.perf_counter()
        scores[seed] = selection.rank_teachers(teachers, known(data, labels))["score"]
        ranking += time.perf_counter() - start
        alone.append(student_accuracy(data, labels, test, seed))
        start = time.perf_counter()
        accuracy[seed] = pd.Series(
            {
                name: student_accuracy(data, labels, test, seed, options.weight, teacher)
                for name, teacher in teachers.items()
            }
        )
        trying += time.perf_counter() - start
    reached, score = pd.DataFrame(accuracy), pd.DataFrame(scores).loc[list(teachers)]
    error = reached.sem(axis=1)
    table = pd.DataFrame(
        {"score": score.mean(axis=1), "accuracy": reached.mean(axis=1), "±": error}
    )
    print(f"Keras {keras.version()}, backend {keras.backend.backend()}, {options}")
    print(table.sort_values("score").round(3).to_string())
    print(f"without a teacher: {np.mean(alone):.3f} ±{pd.Series(alone).sem():.3f}")
    each = [spearmanr(-score[seed], reached[seed]).statistic for seed in reached]
    overall = spearmanr(-table["score"], table["accuracy"]).statistic
    print(
        f"Spearman by seed: {', '.join(f'{value:.2f}' for value in each)}; of means {overall:.2f}"
    )
    best = [reached[seed].max() - reached[seed][score[seed].idxmin()] for seed in reached]
    print(f"accuracy lost by taking the first of the ranking: {np.mean(best):.3f}")
    print(f"ranking {ranking:.1f} s, trying them all {trying:.1f} s: {ranking / trying:.2%}")


if __name__ == "__main__":
    main()
