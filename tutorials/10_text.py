# %% [markdown]
# # Text: reviews with few labels
#
# A recurrent network that read thousands of labelled reviews, and a small student that has 120.
#
# Somebody has trained a large network on three questions about a review: what it is about, how many
# stars it gave, and whether its author would come again. Their labelled reviews are not ours to
# have. We have the model, 120 labelled reviews of our own, and thousands without a label, which
# cost nothing. The teacher answers for those, and a small student learns from the answers.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import logging
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
SEEDS = (0, 1, 2)

# %% [markdown]
# ## Reviews
#
# Nothing is downloaded, so the reviews are made from lists of words. Reading them takes more than
# counting words: *not* turns an adjective round, *very* and *a little* weigh it, and what comes
# after *but* counts twice.

# %%
THINGS = {
    "hotel": "room bed pillow lobby lift balcony bathroom towel breakfast reception",
    "restaurant": "soup pasta dessert menu waiter wine salad steak cook sauce",
    "train": "carriage seat conductor journey platform timetable ticket window luggage delay",
    "museum": "gallery painting statue guide exhibition audioguide hall catalogue drawing portrait",
    "film": "plot actor scene dialogue soundtrack ending camera villain script costume",
    "phone": "screen battery keyboard speaker charger display app button signal case",
}
GOOD = """
    good great lovely superb charming pleasant perfect delightful splendid fine excellent
    brilliant wonderful impressive beautiful nice marvellous enjoyable terrific solid
"""
BAD = """
    bad awful dreadful poor ugly horrible dull terrible shabby annoying disappointing useless
    boring nasty mediocre miserable unpleasant weak broken lousy
"""
FORCE = {"a little": 0.5, "": 1.0, "really": 1.4, "very": 1.6, "extremely": 2.0}
VERBS = ("was", "seemed", "looked", "turned out")
TOPICS = tuple(THINGS)


def clause(things, mood, generator):
    """A few words about one thing, and how well they speak of it."""
    good = generator.uniform() < mood
    negated = generator.uniform() < 0.3
    word = generator.choice((GOOD if good != negated else BAD).split())
    force = generator.choice(list(FORCE))
    text = f"the {generator.choice(things)} {generator.choice(VERBS)} "
    text += f"{'not ' if negated else ''}{force} {word}"
    return text, (1 if good else -1) * (0.5 if negated else FORCE[force])


def reviews(count, generator):
    """Texts, and the labels of three tasks."""
    texts, topics, stars, again = [], [], [], []
    for _ in range(count):
        topic = generator.integers(len(TOPICS))
        things = THINGS[TOPICS[topic]].split()
        elsewhere = THINGS[TOPICS[generator.integers(len(TOPICS))]].split()
        mood = generator.uniform(0.05, 0.95)
        # One clause may be about something else.
        about = [things, elsewhere if generator.uniform() < 0.5 else things, things]
        words, values = zip(*(clause(one, mood, generator) for one in about), strict=True)
        joint = generator.choice([" and ", " but "])
        weights = [1, 1, 2] if joint == " but " else [1, 1, 1]
        texts.append(words[0] + " and " + words[1] + joint + words[2])
        opinion = np.average(values, weights=weights)
        topics.append(topic)
        stars.append(np.clip(3 + 1.5 * opinion + generator.normal(scale=0.2), 1, 5))
        again.append(opinion + generator.normal(scale=0.1) > 0)
    return texts, {
        "topic": np.array(topics, "int32"),
        "stars": np.array(stars, "float32")[:, None],
        "again": np.array(again, "float32")[:, None],
    }


generator = np.random.default_rng(0)
theirs, ours = reviews(2500, generator), reviews(2500, generator)
validation, test = reviews(500, generator), reviews(1000, generator)
for text, stars in zip(ours[0][:3], ours[1]["stars"][:3, 0], strict=True):
    print(f"{stars:.1f} stars: {' '.join(text.split())}")

# %% [markdown]
# ## Tokens
#
# Models read numbers of words, padded with 0. For real text `keras.layers.TextVectorization` does
# this (it needs TensorFlow installed, on every backend), or the tokenizer of your pretrained model.
# Student and teacher take the *same* inputs.

# %%
LENGTH = 25
WORDS = sorted({word for text in theirs[0] for word in text.split()})
NUMBERS = {word: number for number, word in enumerate(WORDS, start=1)}


def tokens(texts):
    """Numbers of words `(texts, LENGTH)`; 0 for padding and unknown words."""
    x = np.zeros((len(texts), LENGTH), "int32")
    for row, text in zip(x, texts, strict=True):
        numbers = [NUMBERS.get(word, 0) for word in text.split()[:LENGTH]]
        row[: len(numbers)] = numbers
    return x


print(len(WORDS), "words;", tokens(ours[0][:1]))

# %% [markdown]
# ## A recurrent network, and a small one
#
# The teacher reads in both directions with GRUs; a transformer, or a backbone of KerasHub, would
# stand in the same place. The student embeds words in eight numbers and looks at four words at
# a time, which is enough for *was not very good*. Both call the layer before the heads `features`.

# %%
dense = keras.layers.Dense


def pooled(x):
    """Mean and largest value over the words."""
    mean, largest = keras.layers.GlobalAveragePooling1D(), keras.layers.GlobalMaxPooling1D()
    return keras.layers.Concatenate()([mean(x), largest(x)])


def large():
    """From tokens to a feature of 64 numbers."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = keras.layers.Embedding(len(WORDS) + 1, 32)(inputs)
    x = keras.layers.Bidirectional(keras.layers.GRU(48, return_sequences=True))(x)
    return keras.Model(inputs, dense(64, activation="relu", name="features")(pooled(x)))


def small():
    """From tokens to a feature of 16 numbers."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = keras.layers.Embedding(len(WORDS) + 1, 8)(inputs)
    x = keras.layers.Conv1D(16, 4, activation="relu")(x)
    return keras.Model(inputs, dense(16, activation="relu", name="features")(pooled(x)))


# %% [markdown]
# ## Tasks
#
# So few samples have labels that losses are means over those alone
# (`reduction="mean_with_sample_weight"`), not over the batch.

# %%
classes = keras.losses.SparseCategoricalCrossentropy(True, reduction="mean_with_sample_weight")
squared = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
answers = keras.losses.BinaryCrossentropy(True, reduction="mean_with_sample_weight")
right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
tasks = [
    mtkd.Task("topic", lambda: dense(len(TOPICS)), classes, [right]),
    mtkd.Task("stars", lambda: dense(1), squared, [keras.metrics.R2Score(name="r2")]),
    mtkd.Task(
        "again", lambda: dense(1), answers, [keras.metrics.BinaryAccuracy("accuracy", threshold=0)]
    ),
]


def dataset(texts, labels, weights=None):
    """Batches of tokens, shuffled where they are for training."""
    return mtkd.datasets.ArrayDataset(tokens(texts), labels, weights, batch_size=60, shuffle=True)


held_out = [
    mtkd.datasets.ArrayDataset(tokens(texts), labels, batch_size=500)
    for texts, labels in (validation, test)
]

# %% [markdown]
# ## The teacher
#
# These lines stand for what happened elsewhere: one network with three heads. You would load yours
# instead, `keras.saving.load_model("large.keras")`. The same model is the teacher of all
# three tasks, and runs once for them.

# %%
theirs_problem = mtkd.Problem("theirs", tasks, large, dataset(*theirs), *held_out)


def fit(problem, data, epochs, rate, seed, teachers=None, distillation=()):
    """A model of all tasks; without teachers this is plain multi-task learning."""
    keras.utils.set_random_seed(seed)
    data.reset(seed)
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers or {}, distillation)
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * data.num_batches)
    distiller.compile(keras.optimizers.Adam(falling), loss=problem.losses())
    distiller.fit(data, epochs=epochs, verbose=0)
    return distiller.student


teacher = fit(theirs_problem, theirs_problem.train, 10, 5e-3, seed=0)
teachers = dict.fromkeys(theirs_problem.tasks, teacher)

# %% [markdown]
# ## Labels for 120 of 2,500
#
# `mask_missing` turns labels that are missing into weights of 0. Mark them with a negative class or
# NaN, or say by masks which are there.

# %%
LABELLED = 120
there = np.arange(len(ours[0])) < LABELLED
y, weights = mtkd.datasets.mask_missing(ours[1], masks=dict.fromkeys(ours[1], there))
problem = mtkd.Problem("reviews", tasks, small, dataset(ours[0], y, weights), *held_out)
problem.validate()

# %% [markdown]
# ## Three students
#
# * **120 labels**: plain multi-task learning on the labelled reviews, again and again.
# * **120 labels + teacher**: the same labels, and the teacher's answers to *all* reviews, which
#   `use_sample_weight=False` asks for. `teachers.cache` runs the teacher over the data once, and
#   not in every epoch.
# * **2,500 labels**: plain multi-task learning as if all our reviews had labels.
#
# All take 840 steps of the same rates, and everything is done with three seeds.

# %%
answers_too = [mtkd.LogitDistillation(use_sample_weight=False)]
few = dataset(ours[0][:LABELLED], {task: values[:LABELLED] for task, values in ours[1].items()})
every = dataset(*ours)

with tempfile.TemporaryDirectory() as folder:
    answered = mtkd.teachers.cache(teachers, problem.train, folder, answers_too, verbose=0)
    students = {
        "120 labels": [fit(problem, few, 420, 1e-2, seed) for seed in SEEDS],
        "120 labels + teacher": [
            fit(problem, answered, 20, 1e-2, seed, teachers, answers_too) for seed in SEEDS
        ],
        "2,500 labels": [fit(problem, every, 20, 1e-2, seed) for seed in SEEDS],
    }

# %% [markdown]
# ## Results
#
# On test reviews: accuracies, and R² for `stars`; up is better. Means over the seeds with their
# standard error. The teacher was trained once.


# %%
def scores(model):
    """The score of every task, on test data."""
    found = mtkd.experiments.evaluate_tasks(model, problem, problem.test)
    return {task: metrics[problem.tasks[task].score] for task, metrics in found.items()}


results = {name: pd.DataFrame(map(scores, models)) for name, models in students.items()}
mean = pd.DataFrame({name: found.mean() for name, found in results.items()})
error = pd.DataFrame({name: found.sem() for name, found in results.items()})
best = scores(teacher)

table = (mean.map("{:.3f}".format) + error.map(" ±{:.3f}".format)).T
table.loc["teacher"] = pd.Series(best).map("{:.3f}".format)
sizes = {name: models[0].count_params() for name, models in students.items()}
sizes["teacher"] = teacher.count_params()
table["parameters"] = pd.Series(sizes).map("{:,}".format)
table

# %% [markdown]
# With the teacher's answers to reviews without label the student is close to what 2,500 labels
# would give, in a twentieth of the teacher's size. With 120 labels alone it learns those by heart,
# and its stars are worse than the mean would be. Fewer steps do not help: 60 epochs at half the
# rate gave 0.17, 0.07 and 0.52. What the teacher is ahead, most in the topic, is the small
# student's own limit: all labels do not close the gap either.
#
# The student alone is what you save. It answers as any Keras model does.

# %%
student = students["120 labels + teacher"][0]
review = "the room was not very good and the lift was noisy but the breakfast was lovely"
found = student.predict(tokens([review]), verbose=0)
print(TOPICS[found["topic"][0].argmax()], f"{found['stars'][0, 0]:.1f} stars")

# %% [markdown]
# ## With other data
#
# * **Your own text**: texts become tokens as above, everything else stays. With KerasHub, a
#   classifier made from a `Backbone` preset is a teacher like any other functional model, if it
#   takes the student's inputs; give the student its tokens.
# * **A teacher that answers one question only**: `teachers={"stars": model}`. Tasks without a
#   teacher learn from labels alone.
# * **Pictures** are no different: `mtkd.datasets.nyuv2("DATA/nyuv2")`,
#   `mtkd.datasets.nyuv2_tfds()` (through tensorflow-datasets) and
#   `mtkd.datasets.cityscapes("DATA/cityscapes")` have pixels without label, and CelebA
#   (`tfds.load("celeb_a")`, tutorial 3) has attributes that you can mask: with
#   `use_sample_weight=False` teachers answer there too.

# %%
figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), sharey=True, layout="constrained")
names = list(students)
for ax, task in zip(axes, problem.tasks, strict=True):
    ax.axvline(best[task], color="0.5", linestyle=":", linewidth=1.5)
    ax.barh(names, mean.loc[task], color=["C1", "C0", "0.8"], height=0.6)
    for row, name in enumerate(names):
        found = results[name][task]
        ax.plot(found, np.full(len(found), row), "o", color="black", markersize=3)
        said = f"{found.mean():.2f} ±{found.sem():.2f}"
        ax.text(0.02, row, said, color="white" if row == 1 else "black", va="center")
    ax.set_title(f"{task}, {'R²' if task == 'stars' else 'accuracy'}", fontsize=10)
    ax.set_xlim(0, 1.02)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
axes[0].invert_yaxis()
figure.suptitle(
    f"Students of {sizes[names[0]]:,} parameters; dotted: the teacher, {sizes['teacher']:,}",
    fontsize=11,
)
plt.show()
