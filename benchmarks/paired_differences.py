"""Δ_MTL of one method less that of every other, paired by seed: mean ± one standard error.

Reads the `scores.csv` that `keras-mtkd compare` writes; several give the means over data sets too.
"""

import argparse

import pandas as pd


def differences(path, method):
    """Mean and standard error of the paired differences, one row a method."""
    changes = pd.read_csv(path).pivot(index="seed", columns="method", values="Δ_MTL")
    paired = changes.drop(columns=method).rsub(changes[method], axis=0)
    return pd.DataFrame({"mean": paired.mean(), "±": paired.sem()})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scores", nargs="+")
    parser.add_argument("--method", default="scd")
    options = parser.parse_args()
    tables = {path: differences(path, options.method) for path in options.scores}
    for path, table in tables.items():
        print(f"{path}\n{table.round(1).to_string()}")
    if len(tables) > 1:
        means = pd.concat([table["mean"] for table in tables.values()], axis=1).mean(axis=1)
        print(f"mean of all\n{means.round(1).to_string()}")


if __name__ == "__main__":
    main()
