"""Processes that are started, and started again."""

import json
import sys

import pytest

from keras_mtkd.distribution import launch, worker_count, worker_index


class TestLauncher:
    script = (
        "import json, os, pathlib, sys;"
        "me = json.loads(os.environ['TF_CONFIG'])['task']['index'];"
        "note = pathlib.Path(sys.argv[1] + str(me));"
        "first = not note.exists(); note.write_text(os.environ['TF_CONFIG']);"
        "sys.exit(3 if first and me == 1 else 0)"
    )

    def command(self, tmp_path):
        return [sys.executable, "-c", self.script, str(tmp_path / "note")]

    def test_starts_again_and_tells_every_worker_who_it_is(self, tmp_path, monkeypatch):
        assert launch(self.command(tmp_path), workers=2, restarts=1) == 0
        notes = [json.loads((tmp_path / f"note{index}").read_text()) for index in range(2)]
        assert [note["task"]["index"] for note in notes] == [0, 1]
        assert len(set(notes[0]["cluster"]["worker"])) == 2
        for index in range(2):
            monkeypatch.setenv("TF_CONFIG", (tmp_path / f"note{index}").read_text())
            assert (worker_count(), worker_index()) == (2, index)

    def test_gives_up(self, tmp_path):
        assert launch(self.command(tmp_path), workers=2, restarts=0) == 3

    def test_one_of_several_machines(self, tmp_path):
        hosts = ["one:2222", "two:2222"]
        assert launch(self.command(tmp_path), hosts=hosts, index=0) == 0
        note = json.loads((tmp_path / "note0").read_text())
        assert note["cluster"]["worker"] == hosts
        assert not (tmp_path / "note1").exists()

    def test_refusals(self):
        with pytest.raises(ValueError, match="`workers` must be positive"):
            launch(["true"], workers=0)
        with pytest.raises(ValueError, match="`index` must be 0 to 0"):
            launch(["true"], hosts=["a:1"], index=1)
