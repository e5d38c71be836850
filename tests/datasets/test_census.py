import keras
import numpy as np
import pytest

import keras_mtkd as mtkd

ROW = (
    "39, {work}, 77516, Bachelors, {education}, {married}, {job}, {role}, White, Male, {gain}, 0, "
    "{hours}, {country}, {income}"
)


def row(**given):
    """A row with what is not given left as here."""
    known = {"work": "Private", "education": 13, "married": "Never-married", "job": "Sales"}
    known |= {"role": "Own-child", "gain": 0, "hours": 40, "country": "Peru", "income": "<=50K"}
    return ROW.format(**known | given)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("adult")
    train = [
        row(education=education, gain=99 * (education % 2), income=">50K", married="Divorced")
        if education > 10
        else row(education=education, work="?")
        for education in range(1, 15)
    ]
    (found / "adult-train.csv").write_text("\n".join([*train, "", ""]))
    test = [row(income=">50K."), row(income="<=50K.", married="Widowed", work="Never-seen")]
    (found / "adult-test.csv").write_text("\n".join(["|1x3 Cross validator", *test, ""]))
    return found


@pytest.fixture(scope="module")
def problem(folder):
    return mtkd.datasets.census(folder)


def test_answers_are_those_of_the_rows(problem):
    assert problem.train.y["income"].ravel().tolist() == [0] * 10 + [1] * 2
    assert problem.validation.y["never_married"].ravel().tolist() == [0, 0]
    # Test rows end in a full stop.
    assert problem.test.y["income"].ravel().tolist() == [1, 0]
    assert problem.test.y["never_married"].ravel().tolist() == [1, 0]


def test_numbers_are_standardised_by_the_training_rows(problem):
    numbers = problem.train.x[:, :5]
    np.testing.assert_allclose(numbers[:, 1].std(), 1.0, rtol=1e-5)
    education = np.arange(1, 13)
    expected = (13 - education.mean()) / education.std()
    np.testing.assert_allclose(problem.test.x[0, 1], expected, rtol=1e-5)
    # Of 12 rows one has a gain.
    gain = np.log1p([0] * 10 + [99, 0])
    np.testing.assert_allclose(numbers[:, 2], (gain - gain.mean()) / gain.std(), rtol=1e-4)
    # What never changes is 0.
    assert (numbers[:, 0] == 0).all()


def test_names_are_one_hot_and_unknown_ones_zeros(problem):
    # Work has two names, all others one.
    assert problem.train.x.shape[1] == 5 + 2 + 4
    assert problem.test.x[:, 5:7].tolist() == [[0, 1], [0, 0]]
    assert (problem.train.x[:, 5:7].sum(axis=1) == 1).all()


def test_labels_fit_the_student(problem):
    problem.validate(problem.student())


def test_what_is_no_such_table_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"adult-train.csv' does not exist. Pass a folder"):
        mtkd.datasets.census(tmp_path)
    (tmp_path / "adult-train.csv").write_text("39, Private\n")
    with pytest.raises(ValueError, match=r"must have 15 columns. Received: a row of 2"):
        mtkd.datasets.census(tmp_path)
    with pytest.raises(ValueError, match="must be positive. Received: batch_size=256, width=0"):
        mtkd.datasets.census(width=0)

    def broken(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(OSError, match=r"Adult could not be downloaded: no network. Pass a folder"):
        mtkd.datasets.census()


def test_units_before_the_shared_feature_are_scaled(folder):
    layers = mtkd.datasets.census(folder, width=5, scale=4).backbone().layers
    assert [layer.units for layer in layers[1:]] == [256, 5]
    with pytest.raises(ValueError, match="Received: scale=0"):
        mtkd.datasets.census(folder, scale=0)
