# %% [markdown]
# # Choosing teachers with optimal transport
#
# Many trained classifiers, none with your classes: which one helps, before anything is trained?
#
# The student is to tell five digits apart from thirty labelled scans and more without labels.
# There is a repository of classifiers of *other* label spaces. A ranking tells from one pass of
# the labelled scans through each of them which to learn from; we then train a student with every
# single one and see whether the ranking was right.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

import keras_mtkd as mtkd
from keras_mtkd import selection

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
LABELLED, SEEDS = 30, (0, 1, 2)

# %% [markdown]
# ## The task
#
# Scans of the digits 0, 2, 4, 6 and 8, numbered anew from 0. Half of all scans go to the
# teachers, a quarter to the student, a quarter is for testing.

# %%
scans, digits = load_digits(return_X_y=True)
scans = (scans / 16).astype("float32")
order = np.random.default_rng(0).permutation(len(scans))
half, rest = order[:900], order[900:]


def subset(rows, classes, change=lambda x: x):
    """The scans of some digits, numbered from 0 in the order given."""
    rows = rows[np.isin(digits[rows], classes)]
    return change(scans[rows]), np.array([classes.index(d) for d in digits[rows]])


EVEN = [0, 2, 4, 6, 8]
x, y = subset(rest, EVEN)
cut = len(x) // 2
test = x[cut:], y[cut:]
student_x, student_y = x[:cut], y[:cut]
print(f"{LABELLED} labelled, {cut - LABELLED} unlabelled, {len(x) - cut} test scans")

# %% [markdown]
# ## The repository
#
# Seven small classifiers. Some know all or some of the student's digits, some only odd ones, some
# have never seen an upright digit.


# %%
def turned(x):
    """Scans rotated by a quarter."""
    return np.rot90(x.reshape(-1, 8, 8), axes=(1, 2)).reshape(len(x), -1)


def mixed(x):
    """Scans whose pixels are all in other places."""
    return x[:, np.random.default_rng(1).permutation(64)]


SOURCES = {
    "all digits": (list(range(10)), None),
    "0 to 4": ([0, 1, 2, 3, 4], None),
    "odd": ([1, 3, 5, 7, 9], None),
    "0, 6 and 8": ([0, 6, 8], None),
    "2 or 4": ([2, 4], None),
    "all, turned": (list(range(10)), turned),
    "all, pixels mixed": (list(range(10)), mixed),
}
LOSS = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, reduction="mean_with_sample_weight"
)


def classifier(classes):
    """A small network; what is read are its last layer and what goes into it."""
    inputs = keras.Input((64,))
    x = keras.layers.Dense(48, activation="relu")(inputs)
    x = keras.layers.Dense(24, activation="relu")(x)
    return keras.Model(inputs, {"digit": keras.layers.Dense(classes)(x)})


repository = {}
for name, (classes, change) in SOURCES.items():
    keras.utils.set_random_seed(7)
    given = subset(half, classes, change or (lambda x: x))
    repository[name] = classifier(len(classes))
    repository[name].compile(keras.optimizers.Adam(3e-3), loss={"digit": LOSS})
    repository[name].fit(given[0], {"digit": given[1]}, epochs=30, batch_size=32, verbose=0)

# %% [markdown]
# ## The ranking
#
# A teacher's class is described by its row of the last layer, a class of the student by the mean
# embedding of its labelled scans. The cosine distance between them is what it costs to move
# probability from one to the other. A score of 0 means that moving a prediction to its label is
# always the cheapest way, 1 that labels might as well be drawn by chance. No student is trained.

# %%
known = student_x[:LABELLED], student_y[:LABELLED]
ranking = selection.rank_teachers(repository, known)
ranking[["rank", "score", "samples"]].round(3)

# %% [markdown]
# The cost of one teacher as a picture: here the one for 0 to 4. Its 0, 2 and 4 are near the
# student's own; 6 and 8, which it does not know, lie somewhere between its classes.

# %%
cost = selection.teacher_cost(repository["0 to 4"], known)
figure, ax = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
image = ax.imshow(cost, cmap="cividis_r", vmin=0, vmax=1)
ax.set_xticks(range(5), EVEN)
ax.set(xlabel="class of the student", ylabel="class of the teacher")
for row, column in np.ndindex(cost.shape):
    color = "white" if cost[row, column] > 0.5 else "black"
    ax.text(column, row, f"{cost[row, column]:.2f}", ha="center", va="center", color=color)
figure.colorbar(image, label="cost of moving probability")
plt.show()

# %% [markdown]
# ## Was it right?
#
# The same cost is the distance of `CrossTaskDistillation`: the teacher's prediction is
# transported to the student's. The teacher needs no labels, so with `use_sample_weight=False` it
# teaches on the unlabelled scans too. Every teacher gets three students, which differ in their
# initial weights.


# %%
def accuracy(teacher, seed):
    """Test accuracy of a student with this teacher, or with none."""
    keras.utils.set_random_seed(seed)
    ways = []
    if teacher is not None:
        cost = selection.teacher_cost(teacher, known)
        ways = [mtkd.CrossTaskDistillation(teacher, cost, "digit", 1.0, use_sample_weight=False)]
    distiller = mtkd.MultiTaskDistiller(classifier(len(EVEN)), {}, ways)
    distiller.compile(keras.optimizers.Adam(3e-3), loss={"digit": LOSS})
    weights = {"digit": (np.arange(cut) < LABELLED).astype("float32")}
    distiller.fit(
        student_x,
        {"digit": student_y},
        sample_weight=weights,
        batch_size=32,
        epochs=20,
        verbose=0,
    )
    answers = keras.ops.convert_to_numpy(distiller.student(test[0])["digit"])
    return float(np.mean(answers.argmax(axis=1) == test[1]))


alone = [accuracy(None, seed) for seed in SEEDS]
reached = pd.DataFrame(
    {name: [accuracy(teacher, seed) for seed in SEEDS] for name, teacher in repository.items()}
)
summary = pd.DataFrame(
    {"score": ranking["score"], "accuracy": reached.mean(), "±": reached.sem()}
).sort_values("score")
summary.loc["(no teacher)", ["accuracy", "±"]] = np.mean(alone), pd.Series(alone).sem()
summary.round(3)

# %%
both = summary.dropna().rank()
print(f"rank correlation: {both['score'].corr(-both['accuracy']):.2f}")

# %% [markdown]
# ± is one standard error over the three students; teachers that differ by less are not told apart
# by this experiment. Several teachers are worse than none: the ranking says which to try first,
# not whether to distil at all, and it is not perfect. On clothing, with twelve teachers, the
# documentation's page of results has its rank correlations and what was lost by taking the first.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: the ranking reads classifiers of whole pictures, not of pixels. Use it
#   for a task such as the kind of scene, with classifiers of `keras.applications` as the
#   repository: `{"mobilenet": keras.applications.MobileNetV2(classifier_activation=None)}`. For
#   the pixels of `mtkd.datasets.nyuv2("DATA/nyuv2")`,
#   `mtkd.datasets.cityscapes("DATA/cityscapes")` and, through tensorflow-datasets,
#   `mtkd.datasets.nyuv2_tfds()` choose by `mtkd.similarity.task_similarity` instead, as tutorial
#   2 does.
# * **CelebA**: the function `celeba()` of tutorial 3 makes a `Problem` from
#   `tfds.load("celeb_a")`. An attribute such as `Smiling` is one logit; give the teachers two
#   classes, `keras.layers.Dense(2)` with a sparse categorical loss, to rank teachers of one
#   attribute for another: `selection.rank_teachers(repository, problem.train, task="Smiling")`.
#
# Last, the ranking against what the students really reached.

# %%
figure, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ranked = summary.dropna()
ax.axhline(np.mean(alone), color="0.4", linestyle="--", zorder=0, label="no teacher")
# Names in a legend, in the order of the ranking: teachers of like scores lie side by side.
for marker, (name, row) in zip("osD^vPX", ranked.iterrows(), strict=True):
    ax.errorbar(
        row["score"], row["accuracy"], row["±"], fmt=marker, capsize=3, markersize=7, label=name
    )
figure.legend(loc="outside right upper", frameon=False)
ax.set_xlabel("score of the ranking, before any training (left: recommended)")
ax.set_ylabel("accuracy of the student")
ax.spines[["top", "right"]].set_visible(False)
plt.show()
