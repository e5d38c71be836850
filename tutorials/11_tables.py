# %% [markdown]
# # Tables: teachers that exist already
#
# Three models from three files become one small model of a data frame in which most labels are
# missing.
#
# Three offices have a network each for flats: what rent is asked, which energy class the house
# is in, and whether the flat is let within a month. They were made apart, with other columns, other
# layers and other endings, and what they were trained on is gone. We have the files, and a table of
# our own with a label here and there. We want one small model for all three questions.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import tempfile
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
SEEDS = (0, 1, 2)

# %% [markdown]
# ## A data frame
#
# Nothing is downloaded, so the flats are made up: columns of numbers and of categories, and three
# answers that depend on them in ways that are not linear, with noise.

# %%
DISTRICTS = ["harbour", "hill", "meadows", "old town", "station", "university"]
HEATING = ["coal", "district", "gas", "heat pump"]
CLASSES = list("ABCDE")
FEATURES = ["area", "rooms", "floor", "lift", "built", "minutes", "district", "heating"]


def flats(count, generator):
    """A data frame of flats, with all of the three answers."""
    pick = generator.integers
    frame = pd.DataFrame(
        {
            "area": generator.gamma(8, 9, count).clip(15, 220),  # square metres
            "floor": pick(0, 9, count),
            "built": pick(1890, 2024, count),
            "minutes": generator.gamma(2, 8, count).clip(1, 60),  # on foot to the next stop
            "district": pd.Categorical.from_codes(pick(0, 6, count), DISTRICTS),
            "heating": pd.Categorical.from_codes(pick(0, 4, count), HEATING),
        }
    )
    area, floor, built, minutes = (frame[n] for n in ("area", "floor", "built", "minutes"))
    frame["rooms"] = (area / generator.uniform(18, 38, count)).round().clip(1, 7)
    frame["lift"] = ((floor + (built - 1890) / 40 + generator.normal(size=count)) > 4).astype(int)
    district, heating = frame["district"].cat.codes, frame["heating"].cat.codes
    stairs = floor * (1 - frame["lift"])
    old = np.abs(built - 1955) / 65  # Houses of the fifties are liked least.
    place = np.array([1.25, 1.15, 0.85, 1.3, 0.8, 1.05])[district]
    per_metre = 9 * place * (0.75 + 0.45 * old) * (1 - 0.06 * stairs) * (1.1 - minutes / 120)
    rent = area * per_metre * (0.85 + 12 / area) * generator.lognormal(0, 0.05, count)
    need = 3.4 - (built - 1890) / 45 + np.array([1.6, 0.1, 0.7, -0.9])[heating]
    need += 0.9 * (area < 45) + 0.5 * (floor == 8) + generator.normal(scale=0.2, size=count)
    dear = rent / area / (10 * place) + 0.12 * need + 0.1 * stairs + 0.02 * minutes
    frame["rent"] = rent
    frame["energy"] = need.round().clip(0, 4).astype(int)
    frame["quick"] = (dear + generator.normal(scale=0.1, size=count) < 1.55).astype(int)
    return frame


generator = np.random.default_rng(0)
theirs = flats(6000, generator)
frame, validation, test = (flats(count, generator) for count in (4000, 400, 2000))
theirs[[*FEATURES, "rent", "energy", "quick"]].head(4).round(0)

# %% [markdown]
# ## Three teachers from three files
#
# The next cell stands for what happened elsewhere: three networks, trained on those 6,000 flats and
# saved. They do not look alike. The first was made of numbers and the district alone and answers in
# euros; the second ends in probabilities; the third is deeper.


# %%
def numbers(frame):
    """The features of a data frame `(rows, 8)`; categories as codes."""
    columns = {name: frame[name] for name in FEATURES}
    for name in ("district", "heating"):
        columns[name] = columns[name].cat.codes
    return pd.DataFrame(columns).to_numpy("float32")


def prepared(row, table, categories=("district", "heating")):
    """Numbers scaled, categories one-hot: preparation that is saved with the model."""
    values = numbers(table)[:, :6]
    scaling = keras.layers.Normalization(mean=values.mean(axis=0), variance=values.var(axis=0))
    parts = [scaling(row[:, :6])]
    for name in categories:
        column = FEATURES.index(name)
        one_hot = keras.layers.CategoryEncoding(len(table[name].cat.categories), "one_hot")
        parts.append(one_hot(row[:, column : column + 1]))
    return keras.layers.Concatenate()(parts)


def hidden(x, widths):
    """Dense layers."""
    for width in widths:
        x = keras.layers.Dense(width, activation="relu")(x)
    return x


def train_elsewhere(task, output, loss):
    """Ordinary Keras, on the table that only they had; a file is left."""
    model = keras.Model(row, output, name=f"{task}_model")
    rate = keras.optimizers.schedules.CosineDecay(5e-3, 20 * 47)
    model.compile(keras.optimizers.Adam(rate), loss)
    labels = theirs[task].to_numpy("float32")
    model.fit(numbers(theirs), labels, batch_size=128, epochs=20, verbose=0)
    model.save(folder / f"{task}.keras")


keras.utils.set_random_seed(0)
folder = Path(tempfile.mkdtemp())
row = keras.Input((len(FEATURES),))
dense, everything = keras.layers.Dense, prepared(row, theirs)
euros = dense(1)(hidden(prepared(row, theirs, ["district"]), (128, 128)))
train_elsewhere("rent", keras.layers.Rescaling(260, 650)(euros), "mean_squared_error")
letter = dense(len(CLASSES), activation="softmax")(hidden(everything, (192, 96)))
train_elsewhere("energy", letter, "sparse_categorical_crossentropy")
logit = dense(1)(hidden(everything, (128, 128, 64)))
train_elsewhere("quick", logit, keras.losses.BinaryCrossentropy(from_logits=True))

# %% [markdown]
# That is all we get: files. A teacher has to take the student's inputs and answer in the units of
# our labels, so a layer in front or behind is enough where it does not. Our rents are in units of
# 260 euros around 650, so that all three losses are about as large. Endings need no care: of the
# energy class the student will have logits and the teacher has probabilities, and they are compared
# all the same.

# %%
teachers = {
    task: keras.saving.load_model(folder / f"{task}.keras", compile=False)
    for task in ("rent", "energy", "quick")
}
euros = teachers["rent"]
teachers["rent"] = keras.Model(
    euros.input, keras.layers.Rescaling(1 / 260, -650 / 260)(euros.output)
)
{task: f"{teacher.count_params():,} parameters" for task, teacher in teachers.items()}

# %% [markdown]
# ## Our table
#
# 4,000 flats, and of each answer only 60 are known, not of the same flats. Missing values are
# missing as pandas has them; `mask_missing` reads columns of a data frame, and makes of what is
# missing weights of 0. (A copy with all answers is kept to compare with.)

# %%
complete = frame.copy()
for task in ("rent", "energy", "quick"):
    unknown = generator.permutation(len(frame))[60:]
    frame[task] = frame[task].astype("Float64" if task == "rent" else "Int64")
    frame.loc[unknown, task] = pd.NA
frame[["area", "district", "rent", "energy", "quick"]].dropna(
    subset=["rent", "energy", "quick"], how="all"
).head(5).round(0)


# %%
def labels(frame):
    """`{task: labels}`; numbers and yes/no have a last axis of 1."""
    y = {
        "rent": (frame["rent"].astype("float32").to_numpy("float32", na_value=np.nan) - 650) / 260,
        "energy": frame["energy"],
        "quick": frame["quick"].astype("float32").to_numpy("float32", na_value=np.nan),
    }
    return {task: values if task == "energy" else values[:, None] for task, values in y.items()}


def dataset(frame, **options):
    """A data frame as batches `(x, {task: y}, {task: weight})`."""
    y, weights = mtkd.datasets.mask_missing(labels(frame))
    return mtkd.datasets.ArrayDataset(numbers(frame), y, weights, **options)


known = frame[["rent", "energy", "quick"]].notna()
train = dataset(frame, batch_size=128, shuffle=True)
labelled = dataset(frame[known.any(axis=1)], batch_size=60, shuffle=True)
print(f"{len(labelled.x)} flats with a label;", dict(known.sum()))


# %% [markdown]
# ## The student
#
# One hidden layer of 16 units for all three questions. Means are over what has a label.


# %%
def backbone():
    """From rows to the feature that the tasks share."""
    row = keras.Input((len(FEATURES),))
    x = keras.layers.Dense(16, activation="relu", name="features")(prepared(row, frame))
    return keras.Model(row, x)


squared = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
classes = keras.losses.SparseCategoricalCrossentropy(True, reduction="mean_with_sample_weight")
answers = keras.losses.BinaryCrossentropy(True, reduction="mean_with_sample_weight")
right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
said = keras.metrics.BinaryAccuracy("accuracy", threshold=0)
tasks = [
    mtkd.Task("rent", lambda: dense(1), squared, [keras.metrics.R2Score(name="r2")]),
    mtkd.Task("energy", lambda: dense(len(CLASSES)), classes, [right]),
    mtkd.Task("quick", lambda: dense(1), answers, [said]),
]
held_out = [dataset(part, batch_size=500) for part in (validation, test)]
problem = mtkd.Problem("flats", tasks, backbone, train, *held_out)
problem.validate()


# %%
def fit(data, epochs, rate, seed, teachers=None, distillation=()):
    """A student; without teachers this is plain multi-task learning."""
    keras.utils.set_random_seed(seed)
    data.reset(seed)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers or {}, distillation)
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * data.num_batches)
    distiller.compile(keras.optimizers.Adam(falling), loss=problem.losses())
    distiller.fit(data, epochs=epochs, verbose=0)
    return distiller.student


# %% [markdown]
# * **180 labels**: plain multi-task learning on the flats that have a label.
# * **180 labels + teachers**: on all 4,000 flats; where a label is missing or not, the teachers'
#   answers are learned too (`use_sample_weight=False`). `teachers.cache` runs the teachers over the
#   table once, not in every epoch.
# * **all labels**: plain multi-task learning, if every label were known.
#
# Epochs and rates were chosen on validation data, for each by itself.

# %%
ways = [mtkd.LogitDistillation(use_sample_weight=False)]
answered = mtkd.teachers.cache(teachers, train, folder / "answers", ways, verbose=0)
every = dataset(complete, batch_size=128, shuffle=True)
students = {
    "180 labels": [fit(labelled, 50, 1e-2, seed) for seed in SEEDS],
    "180 labels + teachers": [fit(answered, 30, 1e-2, seed, teachers, ways) for seed in SEEDS],
    "all labels": [fit(every, 30, 1e-2, seed) for seed in SEEDS],
}


# %% [markdown]
# ## Was it worth it?
#
# On 2,000 test flats: R² of the rent and accuracies (up is better), means over three seeds with
# their standard error.


# %%
def scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


def milliseconds(models, repeats=10):
    """Time for 1,000 flats, the best of several tries."""
    rows = keras.ops.convert_to_tensor(numbers(test)[:1000])
    times = []
    for _ in range(repeats + 1):  # The first try compiles.
        start = time.perf_counter()
        for model in models:
            model.predict_on_batch(rows)
        times.append(time.perf_counter() - start)
    return 1000 * min(times[1:])


def score(task, predictions):
    """The score of predictions for the test flats."""
    metric = problem.tasks[task].new_metrics()[0]
    metric.update_state(problem.test.y[task], predictions)
    return float(metric.result())


rows = problem.test.x
single = {task: score(task, one.predict(rows, verbose=0)) for task, one in teachers.items()}
results = {name: pd.DataFrame(map(scores, models)) for name, models in students.items()}
table = pd.DataFrame(
    {
        name: found.mean().map("{:.3f}".format) + found.sem().map(" ±{:.3f}".format)
        for name, found in results.items()
    }
).T
table.loc["three teachers"] = pd.Series(single).map("{:.3f}".format)
student = students["180 labels + teachers"][0]
sizes = [student.count_params(), sum(teacher.count_params() for teacher in teachers.values())]
table["parameters"] = [f"{size:,}" for size in [sizes[0]] * len(students) + sizes[1:]]
times = [milliseconds([student]), milliseconds(teachers.values())]
print(f"1,000 flats: student {times[0]:.1f} ms, teachers {times[1]:.1f} ms")
table

# %% [markdown]
# The teachers' answers stand in for nearly all of the labels that are missing: the student is close
# to one that knows every label, while 60 labels a task alone leave it far behind, most of all in
# the energy class. It has less than a hundredth of the teachers' parameters. It does not reach the
# teacher of the rent; with all labels it would not either.
#
# ## The student alone
#
# It is saved as a plain Keras model with its preparation inside: it takes rows as they are, and
# whoever loads it needs neither teachers nor this package.

# %%
path = folder / "student.keras"
student.save(path)
loaded = keras.saving.load_model(path)
found = loaded.predict(numbers(test)[:3], verbose=0)
answer = test[["area", "district", "rent", "energy", "quick"]].head(3).round(0)
answer["rent, said"] = (650 + 260 * found["rent"][:, 0]).round()
answer["energy, said"] = found["energy"].argmax(axis=1)
answer["quick, said"] = (found["quick"][:, 0] > 0).astype(int)
print(f"{path.stat().st_size / 1024:.0f} KiB")
answer

# %% [markdown]
# ## With other data
#
# * **Your table**: replace the columns. A gap in a *feature* is no label: fill it in, and add a
#   column that says so.
# * **Teachers that are no networks**, such as a forest of scikit-learn: run them over the table
#   yourself, and give their answers as labels where none are known; with `mask_missing` the rest is
#   as above.
# * **Pictures**: `mtkd.datasets.nyuv2("DATA/nyuv2")`, `mtkd.datasets.nyuv2_tfds()` (through
#   tensorflow-datasets), `mtkd.datasets.cityscapes("DATA/cityscapes")` and CelebA
#   (`tfds.load("celeb_a")`, tutorial 3) take teachers from files in the same way.

# %%
figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), sharey=True, layout="constrained")
names = list(students)
for ax, task in zip(axes, problem.tasks, strict=True):
    ax.axvline(single[task], color="0.4", linestyle=":", linewidth=1.5)
    ax.barh(names, [results[name][task].mean() for name in names], color=["C1", "C0", "0.8"])
    for number, name in enumerate(names):
        found = results[name][task]
        ax.plot(found, np.full(len(found), number), "o", color="black", markersize=3)
        said = f"{found.mean():.2f} ±{found.sem():.2f}"
        ax.text(0.02, number, said, color="white" if number == 1 else "black", va="center")
    ax.set_title(f"{task}, {'R²' if task == 'rent' else 'accuracy'}", fontsize=10)
    ax.set_xlim(0, 1.02)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
axes[0].invert_yaxis()
figure.suptitle(
    f"One student of {sizes[0]:,} parameters; dotted: three teachers of {sizes[1]:,}",
    fontsize=11,
)
plt.show()
