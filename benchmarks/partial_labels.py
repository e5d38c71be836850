"""What half of the labels costs: plain multi-task training against distillation.

Every task loses a random half of its labels, task by task. Teachers then train on the half that is
left of their task. A student is trained plainly, by MTLKD on features, or on predictions; with
half of the labels the teachers teach on all samples, since they need none. Δ_MTL is taken against
the single-task models with all labels; the cost is Δ_MTL with all labels minus that with half.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import keras_mtkd as mtkd
from keras_mtkd.experiments import Comparison, compare, recipe

# With all labels the last two are "mtlkd" and "logits" again.
METHODS = ["single", "uniform", "mtlkd", "logits", "mtlkd-fill", "logits-fill"]


def with_gaps(problem, share, seed):
    """The problem with a share of every task's training labels taken away."""
    data = problem.train
    generator = np.random.default_rng([seed, 7])
    masks = {task: generator.uniform(size=len(data.x)) >= share for task in data.y}
    y, weights = mtkd.datasets.mask_missing(data.y, masks=masks)
    problem.train = mtkd.datasets.ArrayDataset(
        data.x, y, weights, batch_size=data.batch_size, shuffle=True
    )
    return problem


def rows(problem, labels, methods, seed, directory, split):
    # The last epoch, as in the table of docs/results.md.
    settings = replace(recipe(problem.name), restore_best_weights=False)
    found = compare(problem, methods, [seed], directory, settings, split).table
    return found.assign(labels=labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.5, help="share of the labels taken away")
    parser.add_argument("--split", default="test")
    parser.add_argument("--directory", type=Path, default=Path("runs/partial_labels"))
    args = parser.parse_args()
    tables = []
    for seed in range(args.seeds):
        whole, partial = mtkd.datasets.digits(), with_gaps(mtkd.datasets.digits(), args.share, seed)
        base = args.directory
        tables.append(rows(whole, "all", METHODS[:4], seed, base / "all", args.split))
        tables.append(rows(partial, "part", METHODS, seed, base / f"part{seed}", args.split))
    report(pd.concat(tables))


def report(table):
    """Δ_MTL against single-task models with all labels, and what the missing labels cost."""
    whole = table[table["labels"] == "all"]
    partial = table[table["labels"] == "part"].assign(method=lambda t: t["method"] + ", part")
    names = METHODS[:4] + [f"{method}, part" for method in METHODS]
    both = pd.concat([whole, partial]).to_dict("records")
    deltas = Comparison(mtkd.datasets.digits().tasks, names, both).scores()["Δ_MTL"]
    deltas = deltas.unstack("seed")
    lines = {}
    for method in METHODS:
        full, part = deltas.loc[method.removesuffix("-fill")], deltas.loc[f"{method}, part"]
        lines[method] = {
            name: f"{values.mean():.1f} ± {values.sem():.1f}"
            for name, values in {"all": full, "part": part, "cost": full - part}.items()
        }
    print(pd.DataFrame(lines).T.to_string())


if __name__ == "__main__":
    main()
