# %% [markdown]
# # A pretrained backbone
#
# What a large network learned from other pictures reaches a small student that never saw them.
#
# Few people train large vision models from nothing: they take a backbone that somebody trained on
# many pictures, and tune it to a few of their own. A small student has no such file. Here a
# backbone is trained on printed letters and saved, as somebody's pretrained file. From it we make
# teachers of handwritten digits with 60 labels, and distil them into a student with a twenty-fifth
# of their weights.

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
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import rotate, zoom
from sklearn.datasets import load_digits

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
SEEDS = (0, 1, 2)
SIDE = 16

# %% [markdown]
# ## Somebody's pretrained file
#
# Letters in fonts that come with Matplotlib, tilted and shifted: many pictures with labels that
# cost nothing. No digit is among them.

# %%
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZabdefghkmnqrty"
FONTS = [
    ImageFont.truetype(findfont(name), 26)
    for name in (
        "DejaVu Sans",
        "DejaVu Sans:bold",
        "DejaVu Sans:italic",
        "DejaVu Serif",
        "DejaVu Sans Mono",
        "STIXGeneral",
        "STIXGeneral:italic",
        "cmr10",
    )
]


def letters(count, generator):
    """Printed letters `(count, 16, 16, 1)` and their numbers."""
    pictures, numbers = [], generator.integers(len(LETTERS), size=count)
    for number in numbers:
        sheet = Image.new("L", (48, 48))
        place = tuple(24 + generator.uniform(-4, 4, size=2))
        font = FONTS[generator.integers(len(FONTS))]
        ImageDraw.Draw(sheet).text(place, LETTERS[number], 255, font, anchor="mm")
        sheet = sheet.rotate(generator.uniform(-35, 35), Image.Resampling.BILINEAR)
        half = generator.uniform(14, 22)
        box = (24 - half, 24 - half, 24 + half, 24 + half)
        pictures.append(np.asarray(sheet.resize((SIDE, SIDE), Image.Resampling.BOX, box)))
    x = np.stack(pictures)[..., None] / 255 * generator.uniform(0.7, 1.3, size=(count, 1, 1, 1))
    return x.clip(0, 1).astype("float32"), numbers.astype("int32")


def block(x, filters, name, convolution=keras.layers.Conv2D):
    """Half the resolution, and `filters` channels."""
    x = convolution(filters, 3, padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.ReLU()(x)
    return keras.layers.MaxPooling2D(name=name)(x)


def large_backbone():
    """From pictures to maps of 2 × 2 with 96 channels."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x = block(inputs, 24, "block1")
    x = block(x, 48, "block2")
    return keras.Model(inputs, block(x, 96, "block3"), name="backbone")


generator = np.random.default_rng(0)
x, numbers = letters(4000, generator)
figure, axes = plt.subplots(1, 12, figsize=(9, 0.9), layout="constrained")
for picture, ax in zip(x, axes, strict=False):
    ax.imshow(picture[..., 0], cmap="gray_r")
    ax.axis("off")
plt.show()

# %% [markdown]
# Somebody trains a network to tell them apart, and gives away all but its last layer.

# %%
keras.utils.set_random_seed(0)
backbone = large_backbone()
pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
reader = keras.Model(backbone.input, keras.layers.Dense(len(LETTERS))(pooled))
rate = keras.optimizers.schedules.CosineDecay(3e-3, 8 * 63)
reader.compile(
    keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
)
reader.fit(x, numbers, batch_size=64, epochs=8, verbose=0)

path = Path(tempfile.mkdtemp()) / "pretrained.keras"
backbone.save(path)

# %% [markdown]
# In earnest this file is one of `keras.applications`, whose weights are downloaded:
#
# ```python
# backbone = keras.applications.MobileNetV2(
#     (224, 224, 3), include_top=False, weights="imagenet", name="backbone"
# )
# ```
#
# or of KerasHub, `keras_hub.models.Backbone.from_preset(...)`. Mind the pixels' range that it was
# trained on (MobileNet's is -1 to 1), and put a `Rescaling` in front as part of the model.
#
# ## Pictures of our own
#
# Tilted scans of handwritten digits, with two tasks: which `digit`, and its `tilt`. 60 pictures
# have labels, 1,500 have none. Scans are divided before pictures are made from them.


# %%
scans, digits = load_digits(return_X_y=True)
scans = scans.reshape(-1, 8, 8) / 16


def pictures(rows, count):
    """Tilted digits `(count, 16, 16, 1)`, and the labels of two tasks."""
    rows = generator.choice(rows, size=count)
    tilt = generator.uniform(-30, 30, size=count)  # degrees
    x = [
        rotate(np.pad(zoom(scans[row], 1.5, order=1), 2), angle, reshape=False, order=1)
        for row, angle in zip(rows, tilt, strict=True)
    ]
    y = {"digit": digits[rows].astype("int32"), "tilt": tilt[:, None].astype("float32") / 20}
    return np.clip(x, 0, 1)[..., None].astype("float32"), y


LABELLED = 60
order = generator.permutation(len(scans))
known_x, known_y = pictures(order[:LABELLED], LABELLED)
other_x, other_y = pictures(order[LABELLED:1000], 1500)
held_out = [pictures(order[1000:1200], 500), pictures(order[1200:], 1000)]

x = np.concatenate([known_x, other_x])
there = np.arange(len(x)) < LABELLED
y = {task: np.concatenate([known_y[task], other_y[task]]) for task in known_y}
y, weights = mtkd.datasets.mask_missing(y, masks=dict.fromkeys(y, there))

dataset = mtkd.datasets.ArrayDataset
few = dataset(known_x, known_y, batch_size=30, shuffle=True)
train = dataset(x, y, weights, batch_size=64, shuffle=True)
held_out = [dataset(*part, batch_size=500) for part in held_out]

# %% [markdown]
# ## Teachers on the pretrained file
#
# The backbone is loaded, nested as one layer of a larger model, and tuned to the labelled pictures:
# a teacher a task, with a new head. Two things to know about it:
#
# * What was learned from thousands of pictures is soon forgotten over a hundred. Freeze the first
#   blocks (`layer.trainable = False`), and let the last one learn.
# * **Batch normalisation** should stay in inference mode, with the statistics that it came with.
#   In Keras a `BatchNormalization` that is frozen does; to call `backbone(x, training=False)` when
#   the model is made is not enough in every release, since `fit` may override it.


# %%
def pretrained():
    """The file, its first two blocks and all batch normalisation frozen."""
    network = keras.saving.load_model(path, compile=False)
    names = [layer.name for layer in network.layers]
    for number, layer in enumerate(network.layers):
        early = number <= names.index("block2")
        if early or isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return network


def shared(network):
    """A network as a nested layer, and the feature that heads read."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x = keras.layers.Flatten()(network(inputs))
    return keras.Model(inputs, keras.layers.Dense(32, activation="relu", name="features")(x))


average = "mean_with_sample_weight"
classes = keras.losses.SparseCategoricalCrossentropy(True, reduction=average)
right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
squared = keras.losses.MeanSquaredError(reduction=average)
tasks = [
    mtkd.Task("digit", lambda: keras.layers.Dense(10), classes, [right]),
    mtkd.Task("tilt", lambda: keras.layers.Dense(1), squared, [keras.metrics.R2Score(name="r2")]),
]
tuned = mtkd.Problem("tuned", tasks, lambda: shared(pretrained()), few, *held_out)
scratch = mtkd.Problem("scratch", tasks, lambda: shared(large_backbone()), few, *held_out)
teachers = {
    "pretrained": mtkd.train_teachers(tuned, epochs=100, learning_rate=3e-3, verbose=0),
    "from scratch": mtkd.train_teachers(scratch, epochs=100, learning_rate=3e-3, verbose=0),
}

# %% [markdown]
# ## A small student
#
# Three small blocks, two of them with separable convolutions, and no pretraining. What its teachers
# know it learns from their answers to all pictures, labelled or not (`use_sample_weight=False`),
# and from the maps of their last block, which is inside the nested backbone: its path is
# `backbone.block3`. The maps have the same size; a linear adaptor turns the student's 32
# channels into the teacher's 96.


# %%
def small():
    """From pictures to a feature of 24 numbers."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x = block(inputs, 12, "block1")
    x = block(x, 24, "block2", keras.layers.SeparableConv2D)
    x = block(x, 32, "block3", keras.layers.SeparableConv2D)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(24, activation="relu", name="features")(x))


problem = mtkd.Problem("handwriting", tasks, small, train, *held_out)
problem.validate()


def adam(rate, data, epochs):
    """Adam whose rate falls to zero over the run."""
    steps = epochs * data.num_batches
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def fit(data, epochs, seed, teachers=None, distillation=()):
    """A student; without teachers this is plain multi-task learning."""
    keras.utils.set_random_seed(seed)
    data.reset(seed)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers or {}, distillation)
    distiller.compile(
        adam(5e-3, data, epochs),
        adaptor_optimizer=adam(5e-2, data, epochs) if distiller.adaptors else None,
        loss=problem.losses(),
    )
    distiller.fit(data, epochs=epochs, verbose=0)
    return distiller.student


def distilled(name):
    """Students of one kind of teachers, which run over the pictures once, not in every epoch."""
    theirs = teachers[name]
    with tempfile.TemporaryDirectory() as folder:
        answered = mtkd.teachers.cache(theirs, train, folder, ways, verbose=0)
        return [fit(answered, 25, seed, theirs, ways) for seed in SEEDS]


ways = [
    mtkd.LogitDistillation(use_sample_weight=False),
    mtkd.FeatureDistillation("block3", "backbone.block3", use_sample_weight=False),
]
students = {
    "no teachers": [fit(few, 150, seed) for seed in SEEDS],
    "teachers from scratch": distilled("from scratch"),
    "pretrained teachers": distilled("pretrained"),
}

# %% [markdown]
# ## Results
#
# Accuracy of the digit and R² of its tilt on test pictures; up is better. Students: means over
# three seeds with their standard error; the teachers were trained once.


# %%
def scores(model):
    """The score of every task that the model predicts, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


single = {
    name: {task: scores(teacher)[task] for task, teacher in models.items()}
    for name, models in teachers.items()
}
results = {name: pd.DataFrame(map(scores, models)) for name, models in students.items()}
table = pd.DataFrame(
    {
        f"student, {name}": found.mean().map("{:.3f}".format) + found.sem().map(" ±{:.3f}".format)
        for name, found in results.items()
    }
    | {f"teachers, {name}": pd.Series(found).map("{:.3f}".format) for name, found in single.items()}
).T
size = students["no teachers"][0].count_params()
sizes = {
    name: sum(one.count_params() for one in found.values()) for name, found in teachers.items()
}
table["parameters"] = [f"{n:,}" for n in [size] * len(students) + list(sizes.values())]
table

# %% [markdown]
# What teachers bring to the student, and what it matters that theirs was a pretrained file, seed by
# seed:

# %%
helped = results["pretrained teachers"]
for name in ("no teachers", "teachers from scratch"):
    gain = helped - results[name]
    for task, mean in gain.mean().items():
        sure = "more" if abs(mean) > 2 * gain[task].sem() else "no more"
        print(f"over {name}, {task}: {mean:+.3f} ±{gain[task].sem():.3f}, {sure} than seeds do")

# %% [markdown]
# Teachers help the student in both tasks by far more than seeds differ, and it comes close to them
# with a twenty-fifth of their weights. That the backbone was pretrained makes the teachers
# better, and the student a little: less than three seeds can tell.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: `mtkd.datasets.nyuv2("DATA/nyuv2")`, `mtkd.datasets.nyuv2_tfds()`
#   (through tensorflow-datasets) and `mtkd.datasets.cityscapes("DATA/cityscapes")` give a
#   `Problem`; its tasks and data go with backbones of your own, as in tutorial 3: a large one of
#   `keras.applications` with `mtkd.models.aspp` heads for the teachers, `mtkd.models.segnet` or
#   `mtkd.models.dilated` for the student.
# * **CelebA** (`tfds.load("celeb_a")`): `celeba()` of tutorial 3 with the backbone of your choice.
#
# Last, the same student three times.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharey=True, layout="constrained")
names = list(students)
for ax, task in zip(axes, problem.tasks, strict=True):
    ax.barh(names, [results[name][task].mean() for name in names], color=["0.8", "C1", "C0"])
    for number, name in enumerate(names):
        found = results[name][task]
        ax.plot(found, np.full(len(found), number), "o", color="black", markersize=3)
        ax.text(0.02, number, f"{found.mean():.2f} ±{found.sem():.2f}", va="center", fontsize=9)
        if name != "no teachers":
            teacher = single[name.removeprefix("teachers ").removesuffix(" teachers")][task]
            ax.plot([teacher] * 2, [number - 0.45, number + 0.45], ":", color="black")
    ax.set_title(f"{task}, {'R²' if task == 'tilt' else 'accuracy'}", fontsize=10)
    ax.set_xlim(0, 1.02)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
axes[0].invert_yaxis()
figure.suptitle(
    f"A student of {size:,} parameters, {LABELLED} labels; "
    f"dotted: its two teachers, {sizes['pretrained']:,}",
    fontsize=11,
)
plt.show()
