"""A process that trains beside the one that asks."""

import io
import os
import pickle
import queue
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial

import keras
import psutil
import pytest

from keras_mtkd.experiments import own_process
from keras_mtkd.experiments.own_process import OwnProcess, Work


class Strange(Exception):
    """Cannot be pickled."""

    def __init__(self):
        super().__init__("unheard of")
        self.held = lambda: None


class Trainer:
    """Does what its method is called."""

    def __init__(self, fails=False):
        if fails:
            raise ValueError("no data here")
        self.asked = 0

    def result(self, method, seed, epochs=None):
        self.asked += 1
        print("what is printed is no answer")
        if method == "tells":
            return os.getpid(), self.asked, keras.backend.backend(), keras.config.epsilon()
        if method == "fails":
            raise KeyError(seed)
        if method == "strange":
            raise Strange
        if method == "waits":
            time.sleep(60)
        return os._exit(7)


def served(work, *asked):
    """What the process answers, without a process."""
    messages, answers = queue.SimpleQueue(), io.BytesIO()
    for message in (work, *asked):
        messages.put(pickle.dumps(message))
    messages.put(None)
    own_process.serve(messages, answers)
    answers.seek(0)
    return [pickle.loads(pickle.load(answers)) for _ in asked]


def test_it_makes_its_trainer_once():
    one, two = served(Work.of(Trainer), ("tells", 0), ("tells", 0))
    assert (one[0], two[0]) == (True, True)
    assert (one[1][1], two[1][1]) == (1, 2)


def test_what_it_raises_is_told_and_it_goes_on():
    asked = [("fails", 5), ("strange", 0), ("tells", 0)]
    first, second, third = served(Work.of(Trainer), *asked)
    assert not first[0]
    assert repr(first[1]) == "KeyError(5)"
    assert "In the process that trained:\nTraceback" in first[1].__notes__[0]
    assert not second[0]
    assert isinstance(second[1], RuntimeError)
    assert "Strange: unheard of" in str(second[1])
    assert third[0]
    ((done, error),) = served(Work.of(partial(Trainer, fails=True)), ("tells", 0))
    assert not done
    assert repr(error) == "ValueError('no data here')"


def test_functions_of_a_script_without_cloudpickle(tmp_path, monkeypatch):
    script = tmp_path / "script.py"
    script.write_text("class Mine:\n    value = 3\n\nif __name__ == '__main__':\n    1 / 0\n")
    main = type(sys)("__main__")
    main.__file__ = str(script)
    main.Mine = type("Mine", (), {"__module__": "__main__"})
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(own_process, "installed", lambda name: False)
    work = Work.of(main.Mine)
    assert work.main == str(script)
    assert work.trainer().value == 3
    assert replace(work, main=None, start=pickle.dumps(dict)).trainer() == {}


@pytest.mark.slow
def test_it_is_another_one_with_the_same_keras_until_it_dies():
    before = keras.config.epsilon()
    keras.config.set_epsilon(1e-5)
    process = OwnProcess(Work.of(Trainer))
    keras.config.set_epsilon(before)
    one, two = process.result("tells", 0), process.result("tells", 0)
    assert one[0] == two[0] != os.getpid()
    assert one[2:] == (keras.backend.backend(), 1e-5)
    with pytest.raises(KeyError):
        process.result("fails", 5)
    assert process.lives
    with pytest.raises(ChildProcessError, match="ended with status 7, perhaps because memory ran"):
        process.result("dies", 0)
    assert not process.lives


@pytest.mark.slow
def test_it_ends_in_the_midst_of_a_training_when_its_parent_is_killed():
    script = (
        "from experiments.test_own_process import Trainer\n"
        "from keras_mtkd.experiments.own_process import OwnProcess, Work\n"
        "process = OwnProcess(Work.of(Trainer))\n"
        "print(process.result('tells', 0)[0], flush=True)\n"
        "process.result('waits', 0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    with psutil.Popen(command, env=environment, stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(20)
