"""Every balancing method on digits, each with the learning rate that is best for it.

First every method is trained at each of some rates and measured on validation data; then, at its
best rate, with more seeds, on test data. Δ_MTL is taken against single-task models at their best
rate. `uniform`, the first row, is equal weights, tuned like all others. Results are kept, so that
a run that was interrupted goes on. Set `KERAS_BACKEND`.
"""

import argparse
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import keras
import pandas as pd

import keras_mtkd as mtkd
from keras_mtkd.experiments import METHOD_GROUPS, Comparison, compare, recipe
from keras_mtkd.experiments.comparison import DELTA

SINGLE, EQUAL, ONLINE = "single", "uniform", ("online-kd", "online-kd-equal")


def balancing_methods():
    """Names of equal weights first, then of all methods of the package's balancing."""
    return [EQUAL, *METHOD_GROUPS["balancing"], *ONLINE]


def run(cell, split, directory, epochs):
    """One method, seed and rate, as rows; the teachers of a rate and seed are there already."""
    rate, seed, method = cell
    # The last epoch, as in the table of docs/results.md.
    settings = replace(recipe("digits"), learning_rate=rate, restore_best_weights=False)
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    found = compare(
        mtkd.datasets.digits(), [method], [seed], directory / f"{split}-{rate:g}", settings, split
    )
    keras.utils.clear_session()
    return found.table.assign(rate=rate)


def rows(pool, cells, **options):
    """The table of many cells, the teachers' first since all others learn beside them."""
    ahead = {(rate, seed, SINGLE) for rate, seed, _ in cells}
    work = partial(run, **options)
    tables = list(pool.map(work, sorted(ahead)))
    tables += pool.map(work, [cell for cell in cells if cell not in ahead])
    return pd.concat(tables)


def deltas(table, singles):
    """Δ_MTL, a row a method and seed, against rows of single-task models."""
    both = pd.concat([singles, table[table["method"] != SINGLE]])
    return comparison(both).scores()[DELTA]


def comparison(table):
    methods = list(dict.fromkeys(table["method"]))
    return Comparison(mtkd.datasets.digits().tasks, methods, table.to_dict("records"))


def best_single_rate(table):
    """The rate at which the single-task models are best, by the mean of their scores."""
    tasks = mtkd.datasets.digits().tasks
    scores = table[
        (table["method"] == SINGLE)
        & (table["metric"] == table["task"].map({name: task.score for name, task in tasks.items()}))
    ]
    return scores.groupby("rate")["value"].mean().idxmax()


def at_rate(table, rate):
    return table[table["rate"] == rate]


def best_rates(table, methods):
    """`{method: rate}` of the highest mean Δ_MTL; one that diverges anywhere is not chosen."""
    base = best_single_rate(table)
    singles = at_rate(table, base)
    singles = singles[singles["method"] == SINGLE]
    means = pd.DataFrame(
        {
            rate: deltas(at_rate(table, rate), singles)
            .groupby("method")
            .agg(lambda values: values.mean(skipna=False))
            for rate in sorted(set(table["rate"]))
        }
    )
    print(f"Δ_MTL on validation data, by rate\n{means.round(1).to_string()}\n")
    return {SINGLE: base} | {method: means.loc[method].idxmax() for method in methods}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", default=",".join(balancing_methods()))
    parser.add_argument("--rates", type=float, nargs="+", default=[1e-3, 3e-3, 1e-2])
    parser.add_argument("--tuning-seeds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--directory", type=Path, default=Path("runs/balancing_methods"))
    given = parser.parse_args()
    methods = given.methods.split(",")
    options = {"directory": given.directory, "epochs": given.epochs}
    with ProcessPoolExecutor(given.processes, get_context("spawn")) as pool:
        tuning = itertools.product(given.rates, range(given.tuning_seeds), methods)
        rates = best_rates(rows(pool, list(tuning), split="validation", **options), methods)
        cells = [(rates[m], seed, m) for seed in range(given.seeds) for m in (SINGLE, *methods)]
        table = rows(pool, cells, split="test", **options)
    report(table, rates, methods, given.directory)


def standing(gain):
    """How a method stands to equal weights, from its differences in each seed, in points."""
    if (gain > 0.5).all():
        return "ahead"
    if (gain < -0.5).all():
        return "behind"
    return "alike" if (gain.abs() <= 3).all() else "varies"


def report(table, rates, methods, directory):
    """Print, draw and keep Δ_MTL and its difference to equal weights, paired by seed."""
    chosen = table[table["rate"] == table["method"].map(rates)]
    chosen.to_csv(directory / "table.csv", index=False)
    found = comparison(chosen)
    found.save_scores(directory / "scores.csv")
    found.save_figure(directory / "comparison.png")
    wide = found.scores()[DELTA].unstack("method")
    lines = [
        "| method | rate | Δ_MTL | over equal weights | in each seed |",
        "|---|---|---|---|---|",
    ]
    for method in methods:
        values, gain = wide[method], wide[method] - wide[EQUAL]
        over = "" if method == EQUAL else f"{gain.mean():+.1f} ±{gain.sem():.1f}"
        change = f"{values.mean():.1f} ±{values.sem():.1f}"
        lines.append(f"| {method} | {rates[method]:g} | {change} | {over} | {standing(gain)} |")
    text = "\n".join(lines) + "\n"
    (directory / "table.md").write_text(text, "utf-8")
    print(f"{text}\nΔ_MTL by seed\n{wide[methods].T.round(1).to_string()}")


if __name__ == "__main__":
    main()
