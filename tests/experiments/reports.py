"""A comparison whose numbers are made up, with names that try to break out of the page."""

import keras

import keras_mtkd as mtkd
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.choosing import Choice, Trial
from keras_mtkd.experiments.cost import Cost
from keras_mtkd.experiments.run import Run

EVIL = "<script>window.broken = 1</script>\"'&"
LONG = "a_task_whose_name_is_so_long_that_no_telephone_shows_it_in_one_line"
METHODS = ("single", "uniform", "mtlkd", "scd")
SEEDS = (0, 1)
EPOCHS = 12
# Score of task EVIL (higher is better) and of task LONG (lower is better) by method and seed.
SCORES = {
    "single": ((0.8, 0.4), (0.8, 0.6)),
    "uniform": ((0.4, 1.0), (0.6, 1.0)),
    "mtlkd": ((0.72, 0.5), (0.72, 0.5)),
    "scd": ((0.88, 0.45), (0.72, 0.35)),
}
COSTS = {"single": Cost(51000, [0.9, 0.92, 0.94])}
COSTS |= dict.fromkeys(METHODS[1:], Cost(8840, [0.3, 0.31, 0.32]))


# As if MTLKD were an automatic choice.
CHOICE = Choice(
    "evil",
    [Trial(5, {"evil": -3.0, "long": None}), Trial(EPOCHS, {"uniform": -2.0, "evil": -1.5})],
    {"uniform": "Uniform", "evil": EVIL, "long": LONG},
)


def tasks():
    def head():
        return keras.layers.Dense(1)

    return {
        EVIL: mtkd.Task(EVIL, head, "mse", ["accuracy"]),
        LONG: mtkd.Task(LONG, head, "mse", ["mae"], higher_is_better=False),
    }


def made_up(with_runs=True, methods=METHODS, own=()):
    rows, runs = [], {}
    for method in METHODS:
        for seed in SEEDS:
            for task, value, name in zip(
                tasks(), SCORES[method][seed], ("accuracy", "mae"), strict=True
            ):
                rows.append(
                    {"method": method, "seed": seed, "task": task, "metric": name, "value": value}
                )
            runs[method, seed] = a_run(method, seed)
    conditions = {"problem": EVIL, "epochs": EPOCHS, "weight": {EVIL: 1.0}, "split": "test"}
    known = (runs, conditions, None, COSTS) if with_runs else (None, conditions)
    return Comparison(tasks(), methods, rows, *known, own_teachers=own)


def given(seed):
    """Teachers that came with neither history nor time."""
    good, bad = SCORES["single"][seed]
    return Run(levels={f"val_{EVIL}_accuracy": good, f"val_{LONG}_mae": bad})


def a_run(method, seed):
    good, bad = SCORES[method][seed]
    history = {
        f"val_{EVIL}_accuracy": [good * (1 - 0.5**epoch) for epoch in range(1, EPOCHS + 1)],
        f"val_{LONG}_mae": [bad + 0.5**epoch for epoch in range(1, EPOCHS + 1)],
    }
    environment = {"Keras": "3.0", "system": EVIL}
    if method != "scd":
        choice = CHOICE.as_dict() if method == "mtlkd" else None
        return Run(history, 10.0 + seed, environment=environment, choice=choice)
    history[f"{EVIL}_distillation_weight"] = [1.0] * EPOCHS
    history[f"{LONG}_distillation_weight"] = [0.25] * 4 + [1.0] * (EPOCHS - 4)
    queue = [[EVIL], [LONG]]
    similarity = [[1.0, 0.2 + 0.1 * seed], [0.2 + 0.1 * seed, 1.0]]
    return Run(history, 20.0, [EVIL, LONG], similarity, queue, queue, environment)
