"""The file is what the registries hold."""

import runpy

from keras_mtkd.command_line import catalogue, write_catalogue
from keras_mtkd.command_line.write_catalogue import as_text, made


def test_the_catalogue_is_up_to_date():
    kept = catalogue.FILE.read_text("utf-8")
    assert kept == as_text(made()), "A method or a problem changed: run `make catalogue`."


def test_it_is_read_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FILE", tmp_path / "catalogue.json")
    runpy.run_path(write_catalogue.__file__, run_name="__main__")
    assert catalogue.read() == made()
