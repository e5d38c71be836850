"""What Keras 3.15.1 kept on disk, and what is done with it: the same in every release.

`write_fixtures.py` makes the files and notes what Keras 3.15.1 computes with them;
`test_files_of_3_15.py` does the same with the release at hand and compares.
"""

from functools import partial

import keras
import numpy as np
from keras import layers

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings, compare

SAMPLES = 24
EPOCHS = 1
METHODS = ("single", "uniform", "mtlkd")
# Trials that differ in their rates and weights alone run the same program.
DIMENSIONS = {
    "logit_weight": 0.0,
    "temperature": 4.0,
    "distance": "normalized_l2",
    "balancing": "none",
    "schedule": "none",
}


def data(seed):
    """Unshuffled: the losses of single steps are compared."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(SAMPLES, 6)).astype("float32")
    noise = generator.normal(size=(SAMPLES, 1)).astype("float32")
    y = {"a": generator.integers(3, size=SAMPLES), "b": x[:, :1] + np.float32(0.1) * noise}
    return mtkd.datasets.ArrayDataset(x, y, batch_size=8)


def backbone():
    """A model in a model: dropout and statistics of batches in both."""
    inner = keras.Input((5,))
    x = layers.BatchNormalization()(layers.Dense(5)(inner))
    block = keras.Model(inner, layers.Dropout(0.2)(layers.Activation("relu")(x)), name="block")
    inputs = keras.Input((6,))
    x = layers.Dropout(0.1)(layers.Dense(5)(inputs))
    x = layers.BatchNormalization()(layers.Dense(4)(block(x)))
    return keras.Model(inputs, layers.Dropout(0.2)(layers.ReLU(name="features")(x)))


def head(units):
    return keras.Sequential([layers.Dense(3, "relu"), layers.Dropout(0.3), layers.Dense(units)])


def problem():
    tasks = [
        mtkd.Task(
            "a",
            partial(head, 3),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            ["accuracy"],
        ),
        mtkd.Task("b", partial(head, 1), "mse", ["mae"], higher_is_better=False),
    ]
    return mtkd.Problem("kept", tasks, backbone, data(0), data(1), data(2))


def ways():
    return [
        mtkd.FeatureDistillation("features"),
        mtkd.LogitDistillation(["a"], temperature=2.0),
    ]


def teachers(folder):
    """Those in the folder, trained if there are none."""
    return mtkd.train_teachers(problem(), EPOCHS, directory=folder / "teachers", verbose=0)


def adam(rate):
    """Less sensitive to rounding than by default."""
    return keras.optimizers.Adam(rate, epsilon=1e-3)


def compiled(model, **rates):
    model.compile(
        adam(0.003),
        loss=problem().losses(),
        metrics=problem().metrics(),
        **{name: adam(rate) for name, rate in rates.items()},
    )
    return model


def distiller(student, models, **arguments):
    model = mtkd.MultiTaskDistiller(student, models, ways(), **arguments)
    return compiled(model, adaptor_optimizer=0.01)


def online(student, singles):
    only = [mtkd.FeatureDistillation("features")]
    model = mtkd.OnlineKD(student, singles, only, warmup=1)
    return compiled(model, adaptor_optimizer=0.01, singles_optimizer=0.005)


class Steps(keras.callbacks.Callback):
    """Notes the mean loss of the epoch so far after every step."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))


class Interrupted(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def predictions(model):
    found = model.predict(data(3).x, verbose=0)
    return {task: np.asarray(values).tolist() for task, values in found.items()}


def trained(model, source=None, epochs=EPOCHS, callbacks=()):
    """Losses of steps and of epochs."""
    steps = Steps()
    history = model.fit(
        source or data(0), epochs=epochs, verbose=0, shuffle=False, callbacks=[*callbacks, steps]
    ).history
    return {"steps": steps.losses, **{n: list(map(float, v)) for n, v in history.items()}}


def both(model, source=None):
    return {"predictions": predictions(model), "losses": trained(model, source)}


def loaded(name, folder):
    return both(keras.saving.load_model(folder / f"{name}.keras"))


def student_in_a_new_distiller(folder):
    student = keras.saving.load_model(folder / "student.keras")
    return both(distiller(student, teachers(folder)))


def teacher_alone(folder):
    kept = teachers(folder)
    found = {"predictions": predictions(kept["a"]) | predictions(kept["b"])}
    kept["a"].compile(adam(0.003), loss={"a": problem().losses()["a"]})
    x, y = data(0).x, data(0).y["a"]
    history = kept["a"].fit(x, {"a": y}, batch_size=8, epochs=EPOCHS, shuffle=False, verbose=0)
    return {**found, "losses": {"loss": list(map(float, history.history["loss"]))}}


def plain_teacher(task):
    """Without dropout: what the first caches kept of others no other process could take."""
    inputs = keras.Input((6,))
    x = layers.BatchNormalization()(layers.Dense(4, "relu", name="features")(inputs))
    return keras.Model(inputs, {task: layers.Dense({"a": 3, "b": 1}[task])(x)})


def cached(folder):
    models = {t: keras.saving.load_model(folder / f"plain_{t}.keras") for t in "ab"}
    source = mtkd.teachers.cache(models, data(0), folder / "cache", ways(), verbose=0)
    student = keras.saving.load_model(folder / "student.keras")
    return {"losses": trained(distiller(student, models), source)}


def backed_up(folder, *callbacks):
    model = distiller(problem().student(), teachers(folder))
    backup = mtkd.callbacks.BackupAndRestore(folder / "backup")
    return {"losses": trained(model, epochs=2, callbacks=[backup, *callbacks])}


def compared(folder):
    settings = Settings(epochs=EPOCHS, learning_rate=1e-2, weight=10.0, restore_best_weights=False)
    rows = compare(problem(), METHODS, (0,), folder / "comparison", settings).table
    return {"scores": rows["value"].tolist()}


def search(folder, trials):
    import keras_tuner

    model = mtkd.tuning.DistillationHyperModel(
        problem(), EPOCHS, directory=folder / "teachers", dimensions=DIMENSIONS
    )
    return keras_tuner.RandomSearch(
        model,
        objective=model.objective(),
        max_trials=trials,
        seed=1,
        directory=str(folder / "search"),
        project_name="kept",
    )


def searched(folder):
    """The trials that were kept, the students of the best, and one trial more."""
    more = search(folder, 3)
    kept = sorted(more.oracle.trials)
    student = more.get_best_models()[0].student
    more.search(verbose=0)
    scores = {name: trial.score for name, trial in more.oracle.trials.items()}
    assert len(scores) == len(kept) + 1
    return {
        "predictions": predictions(student),
        "kept": [scores.pop(name) for name in kept],
        "new": scores.popitem()[1],
    }


CASES = {
    "distiller": partial(loaded, "distiller"),
    "balanced": partial(loaded, "balanced"),
    "online": partial(loaded, "online"),
    "student": student_in_a_new_distiller,
    "teachers": teacher_alone,
    "cache": cached,
    "backup": backed_up,
    "comparison": compared,
    "search": searched,
}


def run(case, folder):
    """The numbers that come of a case, by name; files do not hold the random numbers of models."""
    keras.utils.set_random_seed(1)
    return CASES[case](folder)
