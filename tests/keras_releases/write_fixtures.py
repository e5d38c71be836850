"""Writes `fixtures`: what a release of Keras keeps on disk, and what it computes with it.

Run with that release and with the package as it is to be remembered, on each backend:

    KERAS_BACKEND=jax python tests/keras_releases/write_fixtures.py files
    KERAS_BACKEND=jax python tests/keras_releases/write_fixtures.py expected
    KERAS_BACKEND=tensorflow python tests/keras_releases/write_fixtures.py expected
    KERAS_BACKEND=jax python tests/keras_releases/write_fixtures.py fingerprints

The files serve both backends; random numbers, and so losses, are each backend's own.
"""

import contextlib
import importlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from unittest import mock

import keras

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_releases import kept, rows

from keras_mtkd._storage import fingerprint

FIXTURES = Path(__file__).with_name("fixtures")
ARCHIVE = FIXTURES / "files.zip"


def write_files(folder):
    keras.utils.set_random_seed(0)
    models = kept.teachers(folder)
    for name, balancing in {"distiller": None, "balanced": "imtl_g"}.items():
        model = kept.distiller(kept.problem().student(), models, balancing=balancing)
        kept.trained(model)
        model.save(folder / f"{name}.keras")
    singles = {task: kept.problem().single(task) for task in models}
    model = kept.online(kept.problem().student(), singles)
    kept.trained(model, epochs=2)  # One of them is the warm-up.
    model.save(folder / "online.keras")
    student = kept.compiled(kept.problem().student())
    kept.trained(student)
    student.save(folder / "student.keras")
    for task in models:
        kept.plain_teacher(task).save(folder / f"plain_{task}.keras")
    with mock.patch("socket.gethostname", return_value="somewhere"):
        kept.cached(folder)
    with contextlib.suppress(KeyboardInterrupt):
        kept.backed_up(folder, kept.Interrupted())
    # Nobody need know on which machine.
    with mock.patch.object(
        importlib.import_module("keras_mtkd.experiments.compare"), "environment", dict
    ):
        kept.compared(folder)
    kept.search(folder, 2).search(verbose=0)


def expected(archive):
    """What comes of every case, each on its own copy of the files."""
    found = {}
    for name in kept.CASES:
        with tempfile.TemporaryDirectory() as folder:
            shutil.unpack_archive(archive, folder)
            found[name] = kept.run(name, Path(folder))
    return {"keras": keras.__version__, "keras_mtkd": kept.mtkd.__version__, "cases": found}


def fingerprints():
    """Those of the package at hand: of now, or the first ones."""
    told = rows.told(
        fingerprint.architecture,
        getattr(fingerprint, "objective", lambda loss: loss.get_config()),
        fingerprint.digest,
    )
    return {"now" if hasattr(fingerprint, "objective") else "before": told}


def main(what):
    print(keras.__version__, keras.backend.backend(), kept.mtkd.__file__)
    FIXTURES.mkdir(exist_ok=True)
    if what == "files":
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder))
            shutil.make_archive(str(ARCHIVE.with_suffix("")), "zip", folder)
    elif what == "fingerprints":
        path = FIXTURES / "fingerprints.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | fingerprints(), indent=1) + "\n")
    else:
        path = FIXTURES / f"expected_{keras.backend.backend()}.json"
        path.write_text(json.dumps(expected(ARCHIVE), indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
