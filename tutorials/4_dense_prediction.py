# %% [markdown]
# # Dense prediction in rooms
#
# What is where, how far, and which way does it face: three answers for every pixel from one
# network.
#
# This is the setting in which knowledge distillation for multi-task learning (MTLKD) was
# published: SegNet, with one teacher each for segmentation, depth and surface normals, tapped
# after its encoder and after its decoder. The pictures are rendered rooms, so there is nothing to
# download and every label is exact. The run is short so that it fits into a tutorial; the
# documentation's page on dense prediction has results at full length over three seeds.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.rcParams.update({"figure.dpi": 80, "image.interpolation": "nearest"})
EPOCHS = 7

# %% [markdown]
# ## Rooms
#
# Labels agree with each other, and some are missing on purpose: in random rectangles there is no
# class (-1), or neither depth (0) nor normal (a zero vector). Losses and metrics leave them out.

# %%
problem = mtkd.datasets.rooms(
    64,
    64,
    train_size=160,
    validation_size=8,
    test_size=60,
    noise=0.02,
    batch_size=4,
    widths=(8, 16, 32),
)
images, labels = problem.test[0]
print("pictures:", images.shape, {task: values.shape for task, values in labels.items()})

# %% [markdown]
# Classes get one colour each, depth is drawn from near (dark) to far (bright), and a normal `(x,
# y, z)` becomes a colour by its direction: surfaces that face the camera are blue, floors green.

# %%
CLASSES = ("floor", "ceiling", "wall", "box", "ball")
# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLORS = np.array([[0, 114, 178], [86, 180, 233], [230, 225, 215], [213, 94, 0], [240, 228, 66]])
FAR = 8.0


def picture(task, values):
    """A prediction or label as colours; black where there is no label."""
    if task == "semantic":
        number = values if values.ndim == 2 else values.argmax(axis=-1)
        return np.where(number[..., None] < 0, 0, COLORS[number] / 255)
    if task == "depth":
        colors = plt.get_cmap("cividis")(np.clip(values[..., 0] / FAR, 0, 1))[..., :3]
        return np.where(values > 0, colors, 0)
    known = np.linalg.norm(values, axis=-1, keepdims=True) > 0.1
    return np.where(known, (values * [1, -1, -1] + 1) / 2, 0)


figure, axes = plt.subplots(3, 4, figsize=(7.5, 6.2), layout="constrained")
for row, places in enumerate(axes):
    places[0].imshow(images[row])
    for ax, task in zip(places[1:], problem.tasks, strict=True):
        ax.imshow(picture(task, labels[task][row]))
for ax, title in zip(axes[0], ["picture", *problem.tasks], strict=True):
    ax.set_title(title, fontsize=10)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
patches = [plt.Rectangle((0, 0), 1, 1, color=color / 255) for color in COLORS]
figure.legend(patches, CLASSES, loc="outside lower center", ncols=5, frameon=False)
plt.show()

# %% [markdown]
# ## Teachers
#
# Three SegNets with one head each, of three stages instead of the published five, since the
# pictures are small.

# %%
teachers = mtkd.train_teachers(problem, epochs=EPOCHS, learning_rate=4e-3, verbose=0)

# %% [markdown]
# ## Students
#
# One SegNet with three heads, trained on the labels alone and with the teachers. The problem
# knows where to tap. At every tap and for each task a 1 × 1 convolution adapts the student's map
# to the teacher's. A tap's weight can differ from task to task: as published the normals' is
# twice the others'. All are a tenth of the published ones, since in a run this short the
# distances are still large and would drown the labels.

# %%
print("taps:", problem.taps)
WEIGHT = {"semantic": 0.1, "depth": 0.1, "normal": 0.2}


def adam(rate):
    """Adam whose rate falls to zero over the run."""
    steps = EPOCHS * problem.train.num_batches
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def fit(teachers, distillation):
    """A student from the same initial weights each time, and its history."""
    keras.utils.set_random_seed(0)
    problem.train.reset(0)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers, distillation)
    distiller.compile(
        adam(4e-3),
        adaptor_optimizer=adam(4e-2) if distillation else None,
        loss=problem.losses(),
    )
    history = distiller.fit(problem.train, epochs=EPOCHS, verbose=0)
    return distiller.student, history.history


plain, _ = fit({}, [])
distilled, history = fit(
    teachers, [mtkd.FeatureDistillation(tap, weight=WEIGHT) for tap in problem.taps]
)

# %% [markdown]
# The distance to every teacher is in the history, task by task; it falls as the adaptors settle.

# %%
distance = {task: history[f"{task}_distillation_loss"] for task in problem.tasks}
pd.DataFrame(distance, index=pd.RangeIndex(1, EPOCHS + 1, name="epoch")).iloc[[0, -1]].round(3)

# %% [markdown]
# ## Results
#
# Mean intersection over union of the classes (up is better), mean absolute error of the depth in
# metres and mean angle between normals in degrees (down is better).


# %%
def scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


single = {task: scores(teacher)[task] for task, teacher in teachers.items()}
results = {"single-task": single, "plain": scores(plain), "distilled": scores(distilled)}
table = pd.DataFrame(results).T
table["Δ_MTL, %"] = [
    mtkd.metrics.delta_mtl(found, single, problem.tasks) for found in results.values()
]
names = {"semantic": "semantic, mIoU ↑", "depth": "depth, m ↓", "normal": "normal, ° ↓"}
table.rename(columns=names).round(3)

# %% [markdown]
# One seed of a short run, in which no network is done. Distillation brings nothing here: the two
# students differ by less than another seed or another order of the data would change, and both are
# behind the teachers in classes and normals. It takes its time, since adaptors and student have to
# find each other first. At full length, over three seeds, the distilled student was ahead of the
# plain one by nine points of Δ_MTL: the normals were what plain training neglected and distillation
# mended, while depth stayed behind its own model. What is won in any case is size: one network
# answers instead of three.


# %%
def milliseconds(models, repeats=5):
    """Time for one picture, in batches of four, the best of several tries."""
    x = keras.ops.convert_to_tensor(images[:4])
    calls = [model.predict_on_batch for model in models]
    times = []
    for _ in range(repeats + 1):  # The first try compiles.
        start = time.perf_counter()
        for call in calls:
            call(x)
        times.append(time.perf_counter() - start)
    return 1000 * min(times[1:]) / len(x)


answering = {"3 teachers": list(teachers.values()), "plain": [plain], "distilled": [distilled]}
costs = {
    "parameters, thousands": {
        name: sum(model.count_params() for model in models) / 1000
        for name, models in answering.items()
    },
    "milliseconds a picture": {name: milliseconds(models) for name, models in answering.items()},
}
pd.DataFrame(costs).round(1)

# %% [markdown]
# ## With other data
#
# * **NYUv2**: `problem = mtkd.datasets.nyuv2("DATA/nyuv2", batch_size=2)`: the preprocessed
#   folders of MTAN, `train` and `val` with `image`, `label`, `depth` and `normal`; 13 classes.
#   Through tensorflow-datasets `mtkd.datasets.nyuv2_tfds()` (`nyu_depth_v2`) has `depth` and
#   `normal`. Take 200 epochs, Adam at 1e-4 and adaptors at 1e-1, as
#   `mtkd.experiments.recipe("nyuv2")` says.
# * **Cityscapes**: `problem = mtkd.datasets.cityscapes("DATA/cityscapes", classes=7)`: `semantic`
#   and `depth`, which is a disparity there (near is large).
# * **CelebA** has no labels for pixels. Its attributes (`tfds.load("celeb_a")`, such as
#   `Smiling`) are tasks of whole pictures: replace `problem` by that of `celeba()` in tutorial 3;
#   all below but the pictures stays.
#
# Last, a test room as teachers and distilled student see it (black is unlabelled; what the plain
# student sees looks the same), and what the answers cost.

# %%
ROOM = 0


def seen_by(models):
    """What models say about the room."""
    found = {}
    for model in models:
        found.update(model(images[ROOM : ROOM + 1], training=False))
    return {task: keras.ops.convert_to_numpy(values)[0] for task, values in found.items()}


columns = {
    "truth": {task: values[ROOM] for task, values in labels.items()},
    "three teachers": seen_by(teachers.values()),
    "one student": seen_by([distilled]),
}
figure = plt.figure(figsize=(8, 8.6), layout="constrained")
upper, lower = figure.subfigures(2, 1, height_ratios=[3, 1])
axes = upper.subplots(3, 4)
for ax in axes[:, 0]:
    ax.axis("off")
axes[1, 0].imshow(images[ROOM])
axes[1, 0].set_title("picture", fontsize=10)
for row, task in zip(axes[:, 1:], problem.tasks, strict=True):
    row[0].set_ylabel(task, fontsize=10)
    for ax, (name, found) in zip(row, columns.items(), strict=True):
        ax.imshow(picture(task, found[task]))
        ax.set(xticks=[], yticks=[])
        if task == "semantic":
            ax.set_title(name, fontsize=10)
upper.legend(patches, CLASSES, loc="outside lower center", ncols=5, frameon=False)

bars = {**costs}
for task, title in names.items():
    found = {"plain": results["plain"], "distilled": results["distilled"]}
    bars[title] = {"3 teachers": single[task], **{name: one[task] for name, one in found.items()}}
for ax, (title, values) in zip(lower.subplots(1, 5, sharey=True), bars.items(), strict=True):
    ax.barh(list(values), list(values.values()), color=["0.75", "#E69F00", "#0072B2"])
    for number, value in enumerate(values.values()):
        ax.text(0, number, f" {value:.3g}", va="center", fontsize=9)
    ax.set_title(title.replace(", ", "\n").replace(" a p", "\na p"), fontsize=9)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.tick_params(left=False, bottom=False, labelbottom=False)
    ax.set_ylim(2.5, -0.5)
plt.show()
