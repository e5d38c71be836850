"""What balancing costs: a step over the same step on the plain sum, on either backend.

At 2, 5 and 10 tasks: loss weightings, gradient methods at the representation, and over parameters,
against the budgets of the project. A dense student with small heads, and a convolutional one.
"""

import argparse

import keras
from report import Row, text
from step_time import CASES, XLA, cross_entropy, data
from timing import median_times

import keras_mtkd as mtkd
from keras_mtkd.balancing import Balancing

TASKS = (2, 5, 10)
WEIGHTINGS = ("dwa", "uncertainty", "famo")
AT_REPRESENTATION = ("upgrad", "cagrad", "nash_mtl", "multibalance")
OVER_PARAMETERS = ("upgrad", "cagrad")
WEIGHTING_BUDGET = 1.05
REPRESENTATION_BUDGET = {10: 1.15}
PARAMETERS_BUDGET = {2: 2.0, 5: 5.0, 10: 9.0}


def rows_of(title, make, shape, tasks, rounds):
    names = tuple(f"task{number}" for number in range(tasks))
    x, y = data(shape, names)
    plain = make(names)
    plain.compile("adam", loss={task: cross_entropy() for task in names}, **XLA)
    cases = {
        **{("weighting", name): name for name in WEIGHTINGS},
        **{("representation", name): Balancing(name) for name in AT_REPRESENTATION},
        **{("parameters", name): Balancing(name, level="parameters") for name in OVER_PARAMETERS},
    }
    steps = {"plain": lambda: plain.train_on_batch(x, y)}
    for case, balancing in cases.items():
        model = mtkd.MultiTaskDistiller(make(names), {}, balancing=balancing)
        model.compile("adam", loss={task: cross_entropy() for task in names})
        steps[case] = lambda model=model: model.train_on_batch(x, y)
    times = median_times(steps, rounds)
    budgets = {
        "weighting": WEIGHTING_BUDGET,
        "representation": REPRESENTATION_BUDGET.get(tasks),
        "parameters": PARAMETERS_BUDGET[tasks],
    }
    return [
        Row(
            f"{name}, {level} / plain sum",
            f"{title}, {tasks} tasks",
            times[level, name] / times["plain"],
            budgets[level],
        )
        for level, name in cases
    ]


def measure(rounds=15, tasks=TASKS):
    rows = []
    for title, (make, shape) in CASES.items():
        for count in tasks:
            rows += rows_of(title, make, shape, count, rounds)
            keras.utils.clear_session()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tasks", type=int, nargs="+", default=TASKS)
    given = parser.parse_args()
    print(text(measure(given.rounds, given.tasks)))


if __name__ == "__main__":
    main()
