# %% [markdown]
# # A large teacher and a small student
#
# Three large networks, which see pictures enlarged and learned from 2,000 labels, become one small
# network that sees them as they are and has 150.
#
# Quality is no reason to ship a large model if a small one can be taught the same. Somebody's three
# networks have 250,000 parameters each and work at twice the resolution. Their labelled
# pictures are not ours to have. Our student has 4,515 parameters for all three tasks, and 150
# labelled pictures among 2,000. What is it worth without teachers, and what with them?

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import tempfile
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
SEEDS = (0, 1, 2)

# %% [markdown]
# ## Pictures
#
# Two scans of handwritten digits side by side, 8 × 13 pixels; they come with scikit-learn. Tasks
# are the digit on the `left`, the digit on the `right`, and whether the left one is odd
# (`left_parity`). Half of the pictures are theirs, half ours.

# %%
digits = mtkd.datasets.digits(train_size=4000)
tasks = ["left", "right", "left_parity"]


def part(data, rows, **options):
    """These pictures, with the labels of our tasks alone."""
    labels = {task: data.y[task][rows] for task in tasks}
    return mtkd.datasets.ArrayDataset(data.x[rows], labels, **options)


theirs = part(digits.train, slice(2000), batch_size=64, shuffle=True)
ours = part(digits.train, slice(2000, None), batch_size=64, shuffle=True)
held_out = [part(data, slice(None), batch_size=500) for data in (digits.validation, digits.test)]

figure, axes = plt.subplots(1, 6, figsize=(9, 1.4), layout="constrained")
for number, ax in enumerate(axes):
    ax.imshow(digits.test.x[number, :, :, 0], cmap="gray_r")
    left, right, odd = (int(labels[number].item()) for labels in held_out[1].y.values())
    ax.set_xlabel(f"{left} ({'odd' if odd else 'even'}), {right}", fontsize=9)
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## Two sizes
#
# Student and teachers take the same inputs. A teacher of another resolution gets a
# `keras.layers.Resizing` in front: here the large networks enlarge pictures to 16 × 26. One that is
# there already is wrapped, `keras.Sequential([keras.layers.Resizing(224, 224), teacher])`; a layer
# that is tapped is then found by the dotted path of the model inside.


# %%
def large():
    """Twice the resolution, many filters."""
    inputs = keras.Input((8, 13, 1))
    x = keras.layers.Resizing(16, 26)(inputs)
    x = keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
    return keras.Model(inputs, keras.layers.Dense(128, activation="relu", name="features")(x))


def small():
    """Few filters, one of the convolutions separable, and a narrow feature."""
    inputs = keras.Input((8, 13, 1))
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(inputs)
    x = keras.layers.SeparableConv2D(12, 3, padding="same", activation="relu")(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(12, activation="relu", name="features")(x))


# %% [markdown]
# ## The large teachers
#
# These lines stand for what happened elsewhere, once. You would load yours instead,
# `keras.saving.load_model("left.keras")`.

# %%
large_problem = mtkd.Problem(
    "large", [digits.tasks[task] for task in tasks], large, theirs, *held_out
)
teachers = mtkd.train_teachers(large_problem, epochs=12, learning_rate=2e-3, verbose=0)

# %% [markdown]
# ## Labels for 150 of 2,000
#
# `mask_missing` turns labels that are missing into weights of 0, and losses are means over the
# labels that are there (`reduction="mean_with_sample_weight"`).

# %%
LABELLED = 150
there = np.arange(len(ours.x)) < LABELLED
y, weights = mtkd.datasets.mask_missing(ours.y, masks=dict.fromkeys(tasks, there))
known = "mean_with_sample_weight"
classes = keras.losses.SparseCategoricalCrossentropy(True, reduction=known)
odd = keras.losses.BinaryCrossentropy(True, reduction=known)
losses = {"left": classes, "right": classes, "left_parity": odd}
problem = mtkd.Problem(
    "small",
    [
        mtkd.Task(task, digits.tasks[task].head, losses[task], digits.tasks[task].metrics)
        for task in tasks
    ],
    small,
    mtkd.datasets.ArrayDataset(ours.x, y, weights, batch_size=64, shuffle=True),
    *held_out,
)
problem.validate()

# %% [markdown]
# ## Three students
#
# * **150 labels**: plain multi-task learning on the labelled pictures, again and again.
# * **150 labels + teachers**: the same labels, and the softened answers of the large networks to
#   *all* pictures, which `use_sample_weight=False` asks for. `teachers.cache` runs them once over
#   the pictures, not in every epoch of every student.
# * **2,000 labels**: plain multi-task learning as if all our pictures had labels.
#
# All take 960 steps of the same rates, with three seeds. Rate and weight were chosen on validation
# data.


# %%
def fit(data, epochs, seed, teachers=None, distillation=()):
    """A small student; without teachers this is plain multi-task learning."""
    keras.utils.set_random_seed(seed)
    data.reset(seed)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers or {}, distillation)
    falling = keras.optimizers.schedules.CosineDecay(1e-2, epochs * data.num_batches)
    distiller.compile(keras.optimizers.Adam(falling), loss=problem.losses())
    distiller.fit(data, epochs=epochs, verbose=0)
    return distiller.student


ways = [mtkd.LogitDistillation(weight=3.0, temperature=2.0, use_sample_weight=False)]
few = part(digits.train, slice(2000, 2000 + LABELLED), batch_size=50, shuffle=True)
with tempfile.TemporaryDirectory() as folder:
    answered = mtkd.teachers.cache(teachers, problem.train, folder, ways, verbose=0)
    students = {
        "150 labels": [fit(few, 320, seed) for seed in SEEDS],
        "150 labels + teachers": [fit(answered, 30, seed, teachers, ways) for seed in SEEDS],
        "2,000 labels": [fit(ours, 30, seed) for seed in SEEDS],
    }

# %% [markdown]
# ## Quality and cost
#
# Scores are accuracies on test pictures: means over the seeds and their standard error; the large
# networks were trained once. Of cost: the parameters of all models that are needed to answer the
# three questions, and the time that they take for 1,000 pictures on this machine.


# %%
def scores(models):
    """The score of every task on test data, of models `{task: model}` or one for all."""
    found = {}
    for model in models.values() if isinstance(models, dict) else [models]:
        for task, metrics in mtkd.experiments.evaluate_tasks(model, problem, problem.test).items():
            found[task] = metrics[problem.tasks[task].score]
    return found


def milliseconds(models, repeats=10):
    """Time for 1,000 pictures, the best of several tries."""
    x = keras.ops.convert_to_tensor(digits.test.x[:1000])
    times = []
    for _ in range(repeats + 1):  # The first try compiles.
        start = time.perf_counter()
        for model in models:
            model.predict_on_batch(x)
        times.append(time.perf_counter() - start)
    return 1000 * min(times[1:])


large_ones, student = list(teachers.values()), students["150 labels + teachers"][0]
parameters = [sum(one.count_params() for one in large_ones), student.count_params()]
times = [milliseconds(large_ones), milliseconds([student])]
best = scores(teachers)
results = {name: pd.DataFrame(map(scores, models)) for name, models in students.items()}
table = pd.DataFrame(
    {
        name: found.mean().map("{:.3f}".format) + found.sem().map(" ±{:.3f}".format)
        for name, found in results.items()
    }
).T
table.loc["three large networks"] = pd.Series(best).map("{:.3f}".format)
table["parameters"] = [f"{parameters[1]:,}"] * len(results) + [f"{parameters[0]:,}"]
print(f"1,000 pictures: student {times[1]:.1f} ms, large networks {times[0]:.1f} ms")
table

# %% [markdown]
# Taught by the large networks, the student with 150 labels is as good as the same student with
# 2,000: their answers stand in for the labels that are missing. It has less than a hundredth of
# their parameters, takes a fraction of their time, and does not reach them; with all labels it
# would not either. Where every picture had a label, trials with teachers and without ended alike.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: `problem = mtkd.datasets.nyuv2("DATA/nyuv2")` or
#   `mtkd.datasets.nyuv2_tfds()` (through tensorflow-datasets), and
#   `mtkd.datasets.cityscapes("DATA/cityscapes")`. Teachers and students are two `Problem`s on the
#   same data with other backbones, `mtkd.models.segnet` of other `widths`; both tap `encoder` and
#   `decoder`, and a linear adaptor fits the channels.
# * **CelebA** (`tfds.load("celeb_a")`): `celeba(size=64)` of tutorial 3 for the student, with a
#   `Resizing(128, 128)` in front of the teachers' network.

# %%
each = {name: found.mean(axis=1) for name, found in results.items()}  # One value a seed.
each["three large networks"] = np.array([np.mean(list(best.values()))])
panels = {
    "mean accuracy of three tasks": [values.mean() for values in each.values()],
    "parameters": [parameters[1]] * len(results) + [parameters[0]],
    "milliseconds for 1,000 pictures": [times[1]] * len(results) + [times[0]],
}
figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.6), sharey=True, layout="constrained")
for ax, (title, values) in zip(axes, panels.items(), strict=True):
    ax.barh(list(each), values, color=["C1", "C0", "0.8", "0.6"])
    ax.set_title(title, fontsize=10)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
for row, values in enumerate(each.values()):
    axes[0].plot(values, np.full(len(values), row), "o", color="black", markersize=3)
    color = "white" if row == 1 else "black"
    axes[0].text(0.02, row, f"{values.mean():.2f}", va="center", color=color)
for ax in axes[1:]:
    for row, value in enumerate(panels[ax.get_title()]):
        ax.text(value, row, f" {value:,.0f}", va="center")
    ax.margins(x=0.3)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
axes[0].set_xlim(0, 1)
axes[0].invert_yaxis()
plt.show()
