"""Problems by name: each enters itself."""

import documents
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets import loading


def test_names_are_listed_with_a_line_those_that_need_a_folder_last():
    ours = ["digit-and-clothing", "digits", "rooms", "cityscapes", "nyuv2"]
    assert loading.PROBLEMS.keys() == set(loading.listed())
    assert [name for name in loading.listed() if name in ours] == ours
    assert all(entry.summary.endswith(".") for entry in loading.PROBLEMS.values())


@pytest.mark.parametrize("name", ["digits", "rooms"])
def test_a_path_that_is_not_read_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=f"The problem '{name}' reads no files"):
        mtkd.datasets.load(name, tmp_path)


def test_an_unknown_name_tells_the_nearest():
    with pytest.raises(ValueError, match=r"(?s)digts.*digits"):
        mtkd.datasets.load("digts")


def test_a_new_problem_is_made_from_a_folder_or_without(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "PROBLEMS", {})

    @loading.register("mine", "Mine.", lambda make, folder: make(folder.name))
    def mine(text="nothing"):
        return text

    assert loading.load("mine") == mine() == "nothing"
    assert loading.load("mine", tmp_path) == tmp_path.name
    assert loading.PROBLEMS["mine"].summary == "Mine."
    assert loading.PROBLEMS["mine"].needs == "nothing"
    for name, needs in (("files", True), ("a", False)):
        loading.register(name, "Mine.", lambda make, folder: make(), needs_folder=needs)(mine)
    # Whatever the order in which they came.
    assert loading.listed() == ["a", "mine", "files"]
    # The last one of a name counts, in all that is known of it.
    loading.register("files", "Ours.")(mine)
    assert loading.listed() == ["a", "files", "mine"]
    assert loading.load("files") == "nothing"


@pytest.mark.parametrize("name", loading.listed())
def test_the_page_of_problems_says_what_each_is_and_where_it_comes_from(name):
    page = (documents.DOCS / "problems.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert sum(f"`{name}`" in line.split("|")[1] for line in rows) == 2
