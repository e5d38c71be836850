# %% [markdown]
# # Quickstart
#
# Six tasks, six teachers, one student that learns from all of them; about a minute on two cores.
#
# A model that learns several tasks at once has to share its features between them, and often some
# tasks lose. Here we first train one small model for each task, the *teachers*. Then we train one
# model for all tasks, the *student*, once on the labels alone and once with the teachers' help,
# and compare all of them on images that none has seen.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
EPOCHS = 20

# %% [markdown]
# ## The problem
#
# A `Problem` holds data, tasks and the backbone that the tasks share. This one comes with
# scikit-learn's scans of handwritten digits, so there is nothing to download: two scans side by
# side, and six questions about them. Which digit is on the `left`, which on the `right`; is each
# odd or even (`left_parity`, `right_parity`); what is their `sum`; and how much `ink` is there.

# %%
problem = mtkd.datasets.digits(train_size=2000, validation_size=250)
images, labels = problem.train[0]

figure, axes = plt.subplots(1, 6, figsize=(9, 1.6), layout="constrained")
for number, ax in enumerate(axes):
    ax.imshow(images[number, :, :, 0], cmap="gray_r")
    ax.set_title(f"{labels['left'][number]}, {labels['right'][number]}", fontsize=10)
    total, ink = labels["sum"][number, 0], labels["ink"][number, 0]
    ax.set_xlabel(f"sum {total:.0f}\nink {ink:.1f}", fontsize=9)
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# Data are batches `(x, {task: y})`. Every task has a head, a loss and a score that decides how
# good it is:

# %%
pd.DataFrame(
    {
        "labels of a batch": {task: labels[task].shape for task in problem.tasks},
        "loss": {name: task.new_loss().name for name, task in problem.tasks.items()},
        "score": {name: task.score for name, task in problem.tasks.items()},
    }
)

# %% [markdown]
# ## The teachers
#
# One model for each task, all of the same size: the backbone with a single head. With
# `directory="teachers"` they would be kept, and loaded the next time.

# %%
teachers = mtkd.train_teachers(problem, epochs=EPOCHS, learning_rate=5e-3, verbose=0)

# %% [markdown]
# ## A student without teachers
#
# `problem.student()` puts all six heads on one backbone. Without teachers and without ways of
# distilling, `MultiTaskDistiller` is plain multi-task learning.


# %%
def adam(rate):
    """Adam whose rate falls to zero over the run."""
    steps = EPOCHS * problem.train.num_batches
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


keras.utils.set_random_seed(0)
problem.train.reset(0)
plain = problem.student()
learner = mtkd.MultiTaskDistiller(plain, teachers={})
learner.compile(adam(5e-3), loss=problem.losses())
history = learner.fit(problem.train, epochs=EPOCHS, verbose=0)

# %% [markdown]
# ## A student with teachers
#
# `FeatureDistillation("features")` reads the layer called `features` in student and teachers. For
# each task a small linear layer, an *adaptor*, maps the student's feature to that teacher's, and
# the distance between the two joins the loss. Adaptors have an optimizer of their own, about ten
# times as fast, and are thrown away after training.
#
# The two callbacks make it sequential cooperative distillation (SCD): tasks with similar teachers
# are put into blocks, and the blocks are distilled one after the other, complex ones first.
# Tutorial 2 goes through it step by step.

# %%
keras.utils.set_random_seed(0)
problem.train.reset(0)
distilled = problem.student()
distiller = mtkd.MultiTaskDistiller(
    distilled, teachers, distillation=[mtkd.FeatureDistillation("features", weight=10.0)]
)
distiller.compile(
    optimizer=adam(5e-3),
    adaptor_optimizer=adam(5e-2),
    loss=problem.losses(),
    metrics=problem.metrics(),
)
history = distiller.fit(
    problem.train,
    validation_data=problem.validation,
    epochs=EPOCHS,
    verbose=0,
    callbacks=[mtkd.callbacks.SimilarityGrouping(), mtkd.callbacks.SequentialDistillation()],
)
distiller.queue

# %% [markdown]
# The student alone is saved. It is a plain Keras model: whoever loads it needs neither teachers
# nor this package.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "student.keras"
    distilled.save(path)
    loaded = keras.saving.load_model(path)

pair = problem.test[0][0][:1]
answers = loaded.predict(pair, verbose=0)
print("left:", np.argmax(answers["left"]), " right:", np.argmax(answers["right"]))
print(f"sum: {answers['sum'][0, 0]:.1f}")

# %% [markdown]
# ## The comparison
#
# All three are measured on test scans. Scores are accuracies, and R² for `sum` and `ink`; up is
# better.


# %%
def scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


single = {task: scores(teacher)[task] for task, teacher in teachers.items()}
results = {"plain student": scores(plain), "distilled student": scores(distilled)}
pd.DataFrame({"teachers": single, **results}).round(3)

# %% [markdown]
# Δ_MTL is the mean change over the teachers in percent: 0 is as good as six models, at the size
# of one.

# %%
deltas = {
    name: mtkd.metrics.delta_mtl(found, single, problem.tasks) for name, found in results.items()
}
for name, delta in deltas.items():
    print(f"{name}: Δ_MTL {delta:+.1f} %")

# %% [markdown]
# This is one seed, and seeds differ by several points, so do not read much into a single task.
# `keras-mtkd compare --seeds 5` repeats the experiment at full length and prints standard errors.
#
# ## With other data
#
# Only the line that makes `problem`, and the layers that are tapped, change:
#
# * **NYUv2**: `problem = mtkd.datasets.nyuv2("DATA/nyuv2")`, the folder with `train` and `val` of
#   the preprocessed data set of MTAN. Tasks `semantic`, `depth` and `normal`. Or
#   `mtkd.datasets.nyuv2_tfds()`, which loads `nyu_depth_v2` through tensorflow-datasets; tasks
#   `depth` and `normal`.
# * **Cityscapes**: `problem = mtkd.datasets.cityscapes("DATA/cityscapes")`, likewise
#   (tensorflow-datasets cannot download it either). Tasks `semantic` and `depth`.
# * **CelebA**: `tfds.load("celeb_a")`. Tasks are its attributes, such as `Smiling` and `Young`;
#   the function that makes the `Problem` is in tutorial 3.
#
# The first two name the layers to tap: `distillation=[mtkd.FeatureDistillation(tap) for tap in
# problem.taps]`. Epochs, rates and weights that were published for them are in
# `mtkd.experiments.recipe("nyuv2")`; pass `batch_size=2`.

# %%
tasks = list(problem.tasks)
change = {
    name: [100 * (found[task] - single[task]) / single[task] for task in tasks] + [deltas[name]]
    for name, found in results.items()
}
rows = np.arange(len(tasks) + 1)
before, after = change["plain student"], change["distilled student"]

figure, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
ax.axhspan(len(tasks) - 0.5, len(tasks) + 0.5, color="0.93")
ax.axvline(0, color="black", linewidth=1)
ax.hlines(rows, before, after, color="0.7", linewidth=3, zorder=1)
ax.scatter(before, rows, s=70, marker="o", color="C1", label="plain student", zorder=2)
ax.scatter(after, rows, s=70, marker="D", color="C0", label="distilled student", zorder=2)
ax.set_yticks(rows, [*tasks, "mean (Δ_MTL)"])
ax.invert_yaxis()
ax.set_xlabel("change over the task's own model, %  (0: as good; right is better)")
ax.spines[["top", "right", "left"]].set_visible(False)
ax.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=2)
plt.show()
