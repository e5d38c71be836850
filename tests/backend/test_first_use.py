"""The package imports all of itself at once, but for its command."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from helpers import BACKEND

from keras_mtkd._backend.first_use import is_command

SCRIPT = "/here/bin/keras-mtkd"
RELEASES = Path(__file__).parents[1] / "keras_releases" / "fixtures" / "files.zip"


@pytest.mark.parametrize(
    ("argv", "started", "expected"),
    [
        (["-m", "demo"], ["python", "-m", "keras_mtkd", "demo"], True),
        (["-m"], ["python", "-X", "importtime", "-mkeras_mtkd"], True),
        ([SCRIPT, "demo"], ["python", SCRIPT, "demo"], True),
        (["keras-mtkd.exe"], ["python.exe", "keras-mtkd.exe"], True),
        # Another module of the package, other programs, and pytest of a folder of this name.
        (["-m", "train.py"], ["python", "-m", "keras_mtkd.distribution", "train.py"], False),
        (["train.py"], ["python", "train.py", "-m", "keras_mtkd"], False),
        (["pytest", "-m", "keras_mtkd"], ["python", "-m", "pytest", "-m", "keras_mtkd"], False),
        (["keras-mtkd.py"], ["python", "keras-mtkd.py"], False),
        ([""], ["python"], False),
        ([], ["python"], False),
        # A child: the arguments of its parent, but not started with them.
        ([SCRIPT, "demo"], ["python", "-c", "from multiprocessing.spawn import spawn_main"], False),
    ],
)
def test_who_is_the_command(monkeypatch, argv, started, expected):
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", started)
    assert is_command("keras_mtkd") == expected


def run(code, folder="."):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


AS_COMMAND = "import sys; sys.argv = ['-m']; sys.orig_argv = ['', '-m', 'keras_mtkd']\n"


@pytest.fixture(scope="module")
def distiller(tmp_path_factory):
    """A distiller's file that Keras 3.15.1 wrote."""
    folder = tmp_path_factory.mktemp("files")
    with zipfile.ZipFile(RELEASES) as archive:
        return archive.extract("distiller.keras", folder)


LOADED = """
model = keras.saving.load_model(FILE)
assert type(model) is keras_mtkd.MultiTaskDistiller, type(model)
"""


def test_importing_the_package_alone_lets_keras_load_a_distiller(distiller):
    run(f"FILE = {distiller!r}\nimport keras_mtkd\nimport keras\n{LOADED}")


@pytest.mark.slow
def test_the_command_is_complete_as_soon_as_a_public_name_is_used(distiller):
    run(
        AS_COMMAND + "import keras_mtkd\n"
        "assert 'keras' not in sys.modules\n"
        "assert dir(keras_mtkd) == sorted(keras_mtkd.__all__)\n"
        "assert not hasattr(keras_mtkd, 'Tusk')\n"
        "from keras_mtkd.command_line import lists\n"
        "assert 'keras' not in sys.modules\n"
        "from keras_mtkd import *\n"
        "assert set(keras_mtkd.__all__) <= globals().keys()\n"
        "assert keras_mtkd.Task is Task\n"
        f"import keras\nFILE = {distiller!r}\n{LOADED}"
    )


SPAWNING = """
import multiprocessing

def seen(_):
    import keras_mtkd, sys
    return "keras_mtkd.distillers" in sys.modules, sys.argv[1:]

if __name__ == "__main__":
    import keras_mtkd, sys
    assert "keras_mtkd.distillers" not in sys.modules
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(seen, [0]) == [(True, ["demo"])], "the child waits too"
"""


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "tensorflow", reason="the same on both backends")
def test_a_child_of_the_command_has_everything(tmp_path):
    # A script of the command's name, as installers write it.
    script = tmp_path / "keras-mtkd"
    script.write_text(SPAWNING)
    done = subprocess.run(
        [sys.executable, script, "demo"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_a_first_use_that_fails_is_tried_again():
    run(
        AS_COMMAND + "import keras_mtkd\n"
        "sys.modules['keras'] = None\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        keras_mtkd.Task\n"
        "    except ImportError as error:\n"
        "        assert 'keras' in str(error)\n"
        "    else:\n"
        "        sys.exit('imported without Keras')\n"
        "del sys.modules['keras']\n"
        "assert keras_mtkd.Task.__name__ == 'Task'\n"
    )
