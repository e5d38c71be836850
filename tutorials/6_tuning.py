# %% [markdown]
# # Tuning with Keras Tuner
#
# Learning rates, weights and schedules of a distillation, searched with teachers that are trained
# once.
#
# What a distillation gains depends on a handful of numbers, above all the weight of each task's
# distance and the adaptors' learning rate. `keras_mtkd.tuning` has a hypermodel for all tuners of
# Keras Tuner; its objective is Δ_MTL on validation data, the mean change over the teachers'
# scores.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import tempfile
from pathlib import Path

import keras
import keras_tuner
import matplotlib.pyplot as plt
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
EPOCHS, TRIALS = 10, 8

# %% [markdown]
# ## Problem and teachers
#
# Two overlapping scans of digits, and three of the six questions that `digits` asks about them,
# so that eight trials take a minute or two. The teachers are trained before the search and serve
# all trials. (Left out, the hypermodel trains them itself, and keeps them in its `directory=`.)

# %%
digits = mtkd.datasets.digits(train_size=2000, validation_size=500, batch_size=64)
problem = mtkd.Problem(
    "three questions",
    [digits.tasks[name] for name in ("left", "left_parity", "sum")],
    digits.backbone,
    digits.train,
    digits.validation,
    digits.test,
)
teachers = mtkd.train_teachers(problem, epochs=12, learning_rate=1e-2, verbose=0)

# %% [markdown]
# ## What is searched
#
# The hypermodel knows a space of distillations. `dimensions` changes it: a value fixes a
# dimension, a function draws it in another way. Here predictions are not distilled, one distance
# is enough, tasks are not balanced, low learning rates are left out since the run is short, and a
# single weight serves all tasks. A hypermodel is built from functions called `suggest_...`, so the
# space can be drawn by Optuna as well: `mtkd.tuning.search_space(trial, problem)`.

# %%
hypermodel = mtkd.tuning.DistillationHyperModel(
    problem,
    epochs=EPOCHS,
    teachers=teachers,
    dimensions={
        "logit_weight": 0.0,
        "temperature": 4.0,
        "distance": "normalized_l2",
        "balancing": "none",
        "learning_rate": lambda suggest, problem: suggest.suggest_float(
            "learning_rate", 5e-3, 3e-2, log=True
        ),
        "weight": lambda suggest, problem: suggest.suggest_float("weight", 0.3, 100.0, log=True),
    },
)
pd.Series(hypermodel.single_task, name="teacher's score on validation data").round(3).to_frame()

# %% [markdown]
# ## The search
#
# The objective says which way is up: for the metric of an output, such as `val_left_accuracy`,
# Keras Tuner does not know. `hypermodel.objective()` is `val_delta_mtl`. `search()` needs no
# data, since the problem has them.

# %%
tuner = keras_tuner.RandomSearch(
    hypermodel,
    objective=hypermodel.objective(),
    max_trials=TRIALS,
    seed=1,
    directory=folder,
    project_name="search",
)
tuner.search(verbose=0)

# %% [markdown]
# All trials, the best first:

# %%
trials = sorted(tuner.oracle.trials.values(), key=lambda trial: trial.trial_id)
table = pd.DataFrame(
    [{**trial.hyperparameters.values, "val Δ_MTL": trial.score} for trial in trials]
)
columns = ["val Δ_MTL", "learning_rate", "adaptor_learning_rate", "weight", "schedule", "mode"]
table.loc[table["schedule"] == "none", "mode"] = "-"
table[columns].sort_values("val Δ_MTL", ascending=False).round(4)

# %% [markdown]
# The same hypermodel goes into `keras_tuner.BayesianOptimization`, and into
# `keras_tuner.Hyperband(hypermodel, hypermodel.objective(), max_epochs=EPOCHS)`, which trains
# many trials for a few epochs and goes on with the best. A search that was interrupted goes on
# when the program is started again.
#
# ## The best of them
#
# Validation data chose the winner, so its validation score flatters it. Test data tell:


# %%
def test_scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


single = {task: test_scores(teacher)[task] for task, teacher in teachers.items()}
best = tuner.get_best_models(1)[0]
delta = mtkd.metrics.delta_mtl(test_scores(best.student), single, problem.tasks)
print(f"best trial: validation {table['val Δ_MTL'].max():+.1f} %, test {delta:+.1f} %")

# %% [markdown]
# For comparison the same student without teachers, for as many epochs.

# %%
keras.utils.set_random_seed(0)
problem.train.reset(0)
steps = EPOCHS * problem.train.num_batches
plain = mtkd.MultiTaskDistiller(problem.student(), {})
plain.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, steps)),
    loss=problem.losses(),
    metrics=problem.metrics(),
)
judge = mtkd.callbacks.DeltaMTL(problem.tasks, hypermodel.single_task)
history = plain.fit(
    problem.train,
    validation_data=problem.validation,
    epochs=EPOCHS,
    callbacks=[judge],
    verbose=0,
)
unaided = history.history["val_delta_mtl"][-1]
delta = mtkd.metrics.delta_mtl(test_scores(plain.student), single, problem.tasks)
print(f"no teachers: validation {unaided:+.1f} %, test {delta:+.1f} %")

# %% [markdown]
# `DeltaMTL` logs `val_delta_mtl` in any `fit`, with or without a tuner. Its learning rate was not
# searched, so the comparison favours the search; and all of it is one seed of a short run.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: `problem = mtkd.datasets.nyuv2("DATA/nyuv2", held_out=0.1)` or
#   `mtkd.datasets.cityscapes("DATA/cityscapes", held_out=0.1)`: without `held_out` part of the
#   training pictures would judge the trials. They have two taps, so the search also chooses
#   between `encoder`, `decoder` and both. Through tensorflow-datasets:
#   `mtkd.datasets.nyuv2_tfds()`. Use Hyperband; a whole run takes hours.
# * **CelebA**: the function `celeba()` of tutorial 3, from `tfds.load("celeb_a")`. With many
#   attributes (`Smiling`, `Young`, ...) keep one weight for all tasks, as above, or the space has
#   one dimension for each.
#
# Several machines share a search when `KERASTUNER_TUNER_ID`, `KERASTUNER_ORACLE_IP` and
# `KERASTUNER_ORACLE_PORT` are set; give the hypermodel a `directory` that all of them see.
#
# Last, where the good trials are, and how the best improved.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
scale = plt.Normalize(table["val Δ_MTL"].min(), table["val Δ_MTL"].max())
for schedule, marker, label in (("scd", "o", "block by block (SCD)"), ("none", "s", "all at once")):
    some = table[table["schedule"] == schedule]
    points = left.scatter(
        some["adaptor_learning_rate"],
        some["weight"],
        c=some["val Δ_MTL"],
        norm=scale,
        cmap="cividis",
        marker=marker,
        s=110,
        edgecolor="black",
        label=label,
    )
left.set(xscale="log", yscale="log", xlim=(2e-3, 5e-1), ylim=(0.2, 150))
left.set(xlabel="learning rate of the adaptors", ylabel="weight of distillation")
left.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
figure.colorbar(points, ax=left, label="Δ_MTL on validation data, %")

number = range(1, len(table) + 1)
right.plot(number, table["val Δ_MTL"], "o", color="0.6", label="trial")
right.step(number, table["val Δ_MTL"].cummax(), where="post", linewidth=2, label="best so far")
right.axhline(unaided, color="C1", linestyle="--", label="no teachers")
right.set(
    xlabel="trial", ylabel="Δ_MTL on validation data, %", xticks=[1, *range(2, TRIALS + 1, 2)]
)
right.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
figure.get_layout_engine().set(wspace=0.06)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
