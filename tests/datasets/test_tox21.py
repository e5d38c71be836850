import gzip
import sys

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS
from keras_mtkd.datasets.tox21 import ASSAYS, by_scaffold

# Chains have no scaffold, a ring is its own.
CHAINS = ["CCO", "CO", "CC", "CCC", "CCN", "CCCl", "CCCC", "CCCO"]
RINGS = ["c1ccccc1", "C1CCCCC1", "C1CCCC1"]
UNREADABLE = "C1CC"


def write(folder, molecules, names=(*ASSAYS, "smiles")):
    """A file of `(SMILES, {assay: answer})`; all other answers are no."""
    rows = [
        ",".join(smiles if name == "smiles" else answers.get(name, "0") for name in names)
        for smiles, answers in molecules
    ]
    path = folder / "tox21.csv.gz"
    path.write_bytes(gzip.compress("\n".join([",".join(names), *rows, ""]).encode()))
    return folder


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    rows = [(each, {}) for each in [*CHAINS, *RINGS]]
    rows[0] = ("CCO", {"NR-AR": "", "SR-p53": "1", "NR-ER": "1"})
    # Measured once more: it fills a gap and contradicts an answer.
    again = ("CCO", {"NR-AR": "1", "SR-p53": "1", "NR-ER": "0"})
    rows = [*rows, (UNREADABLE, {}), ("", {}), again]
    return mtkd.datasets.tox21(write(tmp_path_factory.mktemp("tox21"), rows))


@pytest.mark.extra("rdkit")
def test_molecules_are_divided_by_scaffold(problem):
    parts = [problem.train, problem.validation, problem.test]
    assert [len(part.x) for part in parts] == [len(CHAINS), 1, 2]
    assert all(part.x.shape[1] == 1024 for part in parts)
    assert set(np.unique(problem.train.x)) == {0, 1}
    # Of groups of one the last molecule comes first.
    cyclopentane, (cyclohexane, benzene) = problem.validation.x[0], problem.test.x
    assert (cyclohexane == cyclopentane).any() and (cyclohexane != benzene).any()


@pytest.mark.extra("rdkit")
def test_a_molecule_that_was_measured_twice_is_one_sample(problem):
    labels = {name: problem.train.y[name][0, 0] for name in ASSAYS}
    known = {name: problem.train.sample_weight[name][0] for name in ASSAYS}
    assert (known["NR-AR"], labels["NR-AR"]) == (1, 1)
    assert (known["SR-p53"], labels["SR-p53"]) == (1, 1)
    assert (known["NR-ER"], labels["NR-ER"]) == (0, 0)
    assert (known["SR-HSE"], labels["SR-HSE"]) == (1, 0)


@pytest.mark.extra("rdkit")
def test_labels_fit_the_student(problem):
    count = problem.validate(problem.student())
    assert count.share("SR-HSE") == 1
    assert count.share("NR-ER") == 1 - 1 / len(CHAINS)
    assert PROBLEMS["tox21"].tasks == tuple(problem.tasks)


@pytest.mark.extra("rdkit")
def test_the_order_alone_depends_on_the_seed(tmp_path):
    write(tmp_path, [(each, {}) for each in [*CHAINS, *RINGS]])
    one, other = (mtkd.datasets.tox21(tmp_path, seed=seed) for seed in (0, 1))
    assert one.fingerprint() == other.fingerprint()
    assert (one.train[0][0] != other.train[0][0]).any()


@pytest.mark.extra("rdkit")
def test_what_is_no_such_file_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"tox21.csv.gz' does not exist. Pass a folder"):
        mtkd.datasets.tox21(tmp_path)
    write(tmp_path, [("CCO", {})], names=[*ASSAYS[1:], "smiles"])
    with pytest.raises(ValueError, match="has no column 'NR-AR'. It needs smiles, NR-AR, NR-AR-L"):
        mtkd.datasets.tox21(tmp_path)
    write(tmp_path, [("CCO", {"NR-AR": "yes"})])
    with pytest.raises(ValueError, match="must be 0, 1 or empty. Received: 'yes'"):
        mtkd.datasets.tox21(tmp_path)
    write(tmp_path, [(each, {}) for each in CHAINS])
    with pytest.raises(ValueError, match=r"Received: 1 scaffolds of 8 molecules, .*\[0, 0, 8\]"):
        mtkd.datasets.tox21(tmp_path)
    whole = (tmp_path / "tox21.csv.gz").read_bytes()
    for content in (b"", whole[:-20], b"NR-AR,smiles"):
        (tmp_path / "tox21.csv.gz").write_bytes(content)
        with pytest.raises(ValueError, match="tox21.csv.gz' (is damaged|has no column)"):
            mtkd.datasets.tox21(tmp_path)

    def broken(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(OSError, match=r"Tox21 could not be downloaded: no network. Pass a folder"):
        mtkd.datasets.tox21()


def test_without_rdkit_it_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    with pytest.raises(ImportError, match=r"This needs rdkit, .* The extra 'molecules'"):
        mtkd.datasets.tox21(tmp_path)


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="must be positive. Received: batch_size=64, width=0"):
        mtkd.datasets.tox21(width=0)


@pytest.mark.parametrize(
    ("scaffolds", "parts"),
    [
        ("aaaaabbbcd", ["aaaaabbb", "d", "c"]),
        ("a" * 14 + "bbb" + "ccd", ["a" * 14 + "cc", "bbb", "d"]),
    ],
    ids=["later ones of equal groups first", "what fits"],
)
def test_groups_go_to_the_first_part_that_they_fit_into(scaffolds, parts):
    found = by_scaffold(list(scaffolds))
    assert ["".join(scaffolds[row] for row in rows) for rows in found] == parts
