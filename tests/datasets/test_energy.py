import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS

NAMES = [f"X{number}" for number in range(1, 9)] + ["Y1", "Y2"]


def table(kinds=10):
    """Buildings of made-up kinds, each turned in four directions."""
    rows = []
    for kind in range(kinds):
        for turned in (2, 3, 4, 5):
            shape = [0.6 + kind / 50, 700 - kind, 300, 200 + kind, 3.5, turned]
            rows.append([*shape, kind % 3, kind % 5, 10 + kind + turned / 10, 30 - 2 * kind])
    return np.array(rows)


def write(folder, rows, header=(), tail=""):
    lines = [",".join(map(str, row)) + tail for row in (*header, *rows)]
    (folder / "ENB2012_data.csv").write_text("\n".join([*lines, "", tail, ""]))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("energy"), table())


@pytest.fixture(scope="module")
def problem(folder):
    return mtkd.datasets.energy(folder)


def parts(problem):
    return [problem.train, problem.validation, problem.test]


def test_all_directions_of_a_building_are_in_one_part(problem):
    assert [len(part.x) for part in parts(problem)] == [24, 8, 8]
    kinds = [{x[0] for x in part.x.tolist()} for part in parts(problem)]
    assert [len(each) for each in kinds] == [6, 2, 2]
    assert len(set.union(*kinds)) == 10


def test_numbers_are_standardised_by_the_training_buildings(problem):
    train = problem.train
    for values in (train.x[:, 0], train.x[:, 5], *train.y.values()):
        np.testing.assert_allclose([values.mean(), values.std()], [0, 1], atol=1e-5)
    # What never changes is 0.
    assert (train.x[:, 2] == 0).all() and (problem.test.x[:, 2] == 0).all()


def test_labels_belong_to_their_buildings(problem):
    for part in parts(problem):
        # Cooling falls with compactness as heating rises, but for the direction.
        order = part.x[:, 0].argsort()
        assert (np.diff(part.y["heating"][order, 0])[3::4] > 0).all()
        np.testing.assert_allclose(part.y["cooling"], -part.x[:, :1], atol=1e-4)


def test_a_seed_decides_division_and_order(folder, problem):
    again, other = (mtkd.datasets.energy(folder, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(again.train[0][0], problem.train[0][0])
    assert again.fingerprint() == problem.fingerprint() != other.fingerprint()


def test_names_and_empty_columns_of_spreadsheets_are_left_out(tmp_path, problem):
    write(tmp_path, table(), header=[NAMES], tail=",,")
    assert mtkd.datasets.energy(tmp_path).fingerprint() == problem.fingerprint()


def test_labels_fit_the_student(problem):
    problem.validate(problem.student())
    assert PROBLEMS["energy"].tasks == tuple(problem.tasks)


def test_what_is_no_such_table_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"ENB2012_data.csv' does not exist. Pass a folder"):
        mtkd.datasets.energy(tmp_path)
    write(tmp_path, table()[:, :9])
    with pytest.raises(
        ValueError, match=r"must have 10 columns of numbers, .*a row \['0.6'.* of 9"
    ):
        mtkd.datasets.energy(tmp_path)
    write(tmp_path, [*table().tolist(), [*range(9), "nan"]])
    with pytest.raises(ValueError, match=r"Received: a row \['0', '1', '2'\] of 10"):
        mtkd.datasets.energy(tmp_path)
    write(tmp_path, [], header=[NAMES])
    with pytest.raises(ValueError, match="Received: no row"):
        mtkd.datasets.energy(tmp_path)
    write(tmp_path, table(2))
    with pytest.raises(ValueError, match="holds too few buildings. Received: 8"):
        mtkd.datasets.energy(tmp_path)
    with pytest.raises(ValueError, match="must be positive. Received: batch_size=0, width=16"):
        mtkd.datasets.energy(tmp_path, batch_size=0)

    def broken(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(OSError, match=r"Energy efficiency could not be downloaded: no network. Pa"):
        mtkd.datasets.energy()
