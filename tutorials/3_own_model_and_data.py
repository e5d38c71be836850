# %% [markdown]
# # Your own model and data
#
# A nested backbone from `keras.applications`, arrays of your own, and labels that are not all
# there.
#
# We make pictures of tinted, tilted digits and ask three questions about them. One of the answers
# is expensive: only every third picture has the label of its digit. The backbone is a
# `MobileNet`, used as one layer of a larger model as `keras.applications` and KerasHub are
# usually used.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import hsv_to_rgb
from scipy.ndimage import rotate, zoom
from sklearn.datasets import load_digits

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
EPOCHS = 16

# %% [markdown]
# ## Data
#
# All that is needed are arrays: inputs, and a dict of labels. Labels of regressions have a last
# axis of length 1, class numbers have none. Scans are divided into training and test scans
# *before* anything is made from them.


# %%
def pictures(scans, digits, count, generator):
    """Tinted, tilted digits `(count, 32, 32, 3)` and the labels of three tasks."""
    rows = generator.integers(len(scans), size=count)
    tilt = generator.uniform(-30, 30, size=count)  # degrees
    hue = generator.uniform(0, 0.7, size=count)  # 0 is red, 0.33 green, 0.67 blue
    ink = [
        np.clip(rotate(zoom(scans[row], 3, order=1), angle, reshape=False, order=1), 0, 1)
        for row, angle in zip(rows, tilt, strict=True)
    ]
    ink = np.pad(ink, ((0, 0), (4, 4), (4, 4)))[..., None]
    tint = hsv_to_rgb(np.stack([hue, np.full(count, 0.6), np.full(count, 0.9)], axis=-1))
    x = ink * tint[:, None, None, :] + generator.normal(scale=0.05, size=(count, 32, 32, 3))
    y = {
        "digit": digits[rows].astype("int32"),
        "tilt": (tilt[:, None] / 20).astype("float32"),
        "hue": (hue[:, None] * 5).astype("float32"),
    }
    return x.astype("float32"), y


scans, digits = load_digits(return_X_y=True)
scans = scans.reshape(-1, 8, 8) / 16
generator = np.random.default_rng(0)
train_x, train_y = pictures(scans[:1200], digits[:1200], 1500, generator)
validation = pictures(scans[1200:1500], digits[1200:1500], 300, generator)
test = pictures(scans[1500:], digits[1500:], 600, generator)

# %% [markdown]
# ## Labels that are missing
#
# Mark what is missing with a negative class, NaN, or a mask. `mask_missing` turns that into
# sample weights: a sample of weight 0 adds nothing to that task's loss, gradient and metrics,
# while the other tasks learn from it as usual.

# %%
labelled = generator.uniform(size=len(train_x)) < 1 / 3
train_y["digit"] = np.where(labelled, train_y["digit"], -1)

y, weights = mtkd.datasets.mask_missing(train_y)
train = mtkd.datasets.ArrayDataset(train_x, y, weights, batch_size=64, shuffle=True)
{task: f"{weight.mean():.0%} labelled" for task, weight in weights.items()}

# %% [markdown]
# `ArrayDataset` is a `keras.utils.PyDataset`; a `tf.data.Dataset` of batches `(x, {task: y})` or
# `(x, {task: y}, {task: weight})` does as well.
#
# ## A nested backbone
#
# The network of `keras.applications` is cut after its third block and called like a layer, so
# that its own layers are inside a nested model. Distillation reaches them by a dotted path. (The
# weights are random here, since nothing is downloaded; with `weights="imagenet"` use at least 128
# × 128 pixels and a smaller learning rate. A KerasHub backbone with functional structure is
# nested alike.)


# %%
def backbone(shape=(32, 32, 3), width=32):
    """A new backbone, from pictures to the feature that the tasks share."""
    whole = keras.applications.MobileNet(shape, alpha=0.5, include_top=False, weights=None)
    network = keras.Model(whole.input, whole.get_layer("conv_pw_3_relu").output, name="mobilenet")
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # 0.99 is for longer runs: its averages would not settle here
    inputs = keras.Input(shape)
    x = keras.layers.Rescaling(2.0, offset=-1.0)(inputs)  # MobileNet wants -1 to 1
    x = keras.layers.GlobalAveragePooling2D()(network(x))
    features = keras.layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, features)


{layer.name: layer.output.shape for layer in backbone().layers}

# %% [markdown]
# ## Tasks and problem
#
# A `Task` is a head, a loss and metrics; the first metric is its score. So few digits have labels
# that their loss is averaged over the labelled samples of a batch alone, not over all.

# %%
dense = keras.layers.Dense
r2 = keras.metrics.R2Score(name="r2")
classes = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, reduction="mean_with_sample_weight"
)
accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
tasks = [
    mtkd.Task("digit", lambda: dense(10), classes, [accuracy]),
    mtkd.Task("tilt", lambda: dense(1), keras.losses.MeanSquaredError(), [r2]),
    mtkd.Task("hue", lambda: dense(1), keras.losses.MeanSquaredError(), [r2]),
]
problem = mtkd.Problem(
    "tinted digits",
    tasks,
    backbone,
    train,
    validation=mtkd.datasets.ArrayDataset(*validation, batch_size=300),
    test=mtkd.datasets.ArrayDataset(*test, batch_size=300),
    taps=("mobilenet.conv_pw_3_relu", "features"),
)
problem.validate()

# %% [markdown]
# ## Teachers and students
#
# The digit's teacher learns from the labelled third. Afterwards it needs no labels: with
# `use_sample_weight=False` it teaches on *all* pictures. What is missing there are answers, so
# its predictions are distilled; the teachers of tilt and hue, whose labels are all there, give
# their features, at the nested layer and at the shared one. (Weights from trials on validation
# data.)

# %%
teachers = mtkd.train_teachers(problem, epochs=EPOCHS, learning_rate=3e-3, verbose=0)


def adam(rate):
    """Adam whose rate falls to zero over the run."""
    steps = EPOCHS * problem.train.num_batches
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def fit(teachers, distillation):
    """A student from the same initial weights each time."""
    keras.utils.set_random_seed(0)
    problem.train.reset(0)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers, distillation)
    distiller.compile(
        adam(3e-3),
        adaptor_optimizer=adam(3e-2) if distillation else None,
        loss=problem.losses(),
    )
    distiller.fit(problem.train, epochs=EPOCHS, verbose=0)
    return distiller.student


plain = fit({}, [])
distilled = fit(
    teachers,
    [
        mtkd.LogitDistillation(["digit"], temperature=2.0, use_sample_weight=False),
        *(mtkd.FeatureDistillation(tap, tasks=["tilt", "hue"], weight=0.1) for tap in problem.taps),
    ],
)

# %% [markdown]
# Students without a `Problem` work too: any functional model with outputs `{task: tensor}`, any
# teachers `{task: model}` that take the same inputs, in a `MultiTaskDistiller`.


# %%
def scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


single = {task: scores(teacher)[task] for task, teacher in teachers.items()}
students = {"plain": plain, "distilled": distilled}
results = {"teachers": single, **{name: scores(model) for name, model in students.items()}}
table = pd.DataFrame(results).round(3)
table.loc["Δ_MTL, %"] = [
    round(mtkd.metrics.delta_mtl(found, single, problem.tasks), 1) for found in results.values()
]
table

# %% [markdown]
# Accuracy for `digit`, R² for the others; one seed. Differences of one or two points are within
# what another seed changes. With its teacher's answers the digit is read nearly as well as by the
# teacher itself, where the plain student lags far behind; tilt pays for a part of it, as the
# student has room for so much. With a weight of 3 the digit gains more, and tilt pays more.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: `mtkd.datasets.nyuv2("DATA/nyuv2")` and `mtkd.datasets.cityscapes(
#   "DATA/cityscapes")` give a `Problem` (tasks `semantic`, `depth`, and for NYUv2 `normal`);
#   `mtkd.datasets.nyuv2_tfds()` does through tensorflow-datasets. For a backbone of your own,
#   take the data and tasks from it: `mtkd.Problem("mine", problem.tasks.values(), backbone,
#   problem.train, problem.validation, problem.test, taps=...)`, where the backbone must end in
#   maps of the picture's size, or the tasks have heads that enlarge them (`mtkd.models.aspp` on
#   `mtkd.models.dilated`). Unlabelled pixels are masked by the losses already.
# * **CelebA**, through tensorflow-datasets (`celeb_a`, downloaded when first used): this function
#   makes the `Problem`. Every attribute is a binary task.


# %%
def celeba(attributes=("Smiling", "Young", "Eyeglasses", "Male"), size=64, batch_size=64):
    """CelebA's attributes as tasks, on the backbone above."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    def labelled(example):
        picture = tf.image.resize(tf.cast(example["image"], "float32") / 255, (size, size))
        found = example["attributes"]
        return picture, {name: tf.cast(found[name], "float32")[None] for name in attributes}

    def part(split):
        data = tfds.load("celeb_a", split=split, shuffle_files=split == "train")
        data = data.shuffle(4096, seed=0) if split == "train" else data
        return data.map(labelled, tf.data.AUTOTUNE).batch(batch_size).prefetch(tf.data.AUTOTUNE)

    answers = keras.losses.BinaryCrossentropy(from_logits=True)
    right = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    return mtkd.Problem(
        "celeba",
        [mtkd.Task(name, lambda: keras.layers.Dense(1), answers, [right]) for name in attributes],
        lambda: backbone((size, size, 3)),
        *(part(split) for split in ("train", "validation", "test")),
        taps=("mobilenet.conv_pw_3_relu", "features"),
    )


# %% [markdown]
# Last, what distillation changed: all scores, and the first test pictures with the digit that each
# student read, and a cross where it erred. The white line is the tilt that the distilled student
# predicts, dotted the true one.

# %%
SHOWN = 12
x, true = test[0][:SHOWN], test[1]["digit"][:SHOWN]
answers = {name: model.predict(x, verbose=0) for name, model in students.items()}

figure = plt.figure(figsize=(9.5, 3.6), layout="constrained")
left, right_side = figure.subfigures(1, 2, width_ratios=[1, 2])
ax = left.subplots()
rows = np.arange(len(problem.tasks))
for place, (name, color) in enumerate(
    {"teachers": "0.75", "plain": "C1", "distilled": "C0"}.items()
):
    values = [results[name][task] for task in problem.tasks]
    ax.barh(rows + 0.27 * (place - 1), values, 0.25, color=color, label=name)
    for row, value in zip(rows, values, strict=True):
        ax.text(0.02, row + 0.27 * (place - 1), f"{value:.2f}", va="center", fontsize=8)
ax.set_yticks(rows, ["digit\naccuracy", "tilt\nR²", "hue\nR²"])
ax.invert_yaxis()
ax.set_xlim(0, 1)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.tick_params(left=False)
ax.legend(
    frameon=False,
    ncols=3,
    loc="lower center",
    bbox_to_anchor=(0.4, 1.0),
    fontsize=8,
    handlelength=1,
    columnspacing=1,
)

for number, ax in enumerate(right_side.subplots(2, SHOWN // 2).flat):
    ax.imshow(np.clip(x[number], 0, 1), extent=(0, 32, 32, 0))
    for tilt, style in (
        (answers["distilled"]["tilt"][number, 0], "-"),
        (test[1]["tilt"][number, 0], ":"),
    ):
        angle = np.radians(20 * tilt)
        reach = 14 * np.array([-1, 1])
        ax.plot(16 + reach * np.sin(-angle), 16 + reach * np.cos(angle), style, color="white")
    said = []
    for name in ("plain", "distilled"):
        read = answers[name]["digit"][number].argmax()
        said.append(f"{name} {read}" + ("" if read == true[number] else " ×"))
    ax.set_xlabel("\n".join(said), fontsize=9)
    ax.set(xticks=[], yticks=[], xlim=(0, 32), ylim=(32, 0))
plt.show()
