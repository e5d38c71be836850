import keras
import numpy as np
import pytest
from scipy.io import wavfile

import keras_mtkd as mtkd

SPEAKERS = ("ada", "bob", "cyd")
NUMBERS = (0, 4, 5, 9, 10, 11)
RATE = 8000


def sound(digit, speaker, number, length=3000):
    """A tone whose height is the digit and whose loudness is the speaker's."""
    time = np.arange(length) / RATE
    loudness = 4000 * (1 + SPEAKERS.index(speaker))
    return (loudness * np.sin(2 * np.pi * 300 * (digit + 1) * time + number)).astype("int16")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("speech") / "recordings"
    found.mkdir()
    for digit in range(10):
        for speaker in SPEAKERS:
            for number in NUMBERS:
                name = f"{digit}_{speaker}_{number}.wav"
                wavfile.write(found / name, RATE, sound(digit, speaker, number))
    return found


@pytest.fixture(scope="module")
def problem(folder):
    return mtkd.datasets.spoken_digits(folder.parent)


def test_recordings_are_divided_as_their_authors_do(problem):
    for part in (problem.train, problem.validation, problem.test):
        assert part.x.shape == (60, 32, 32, 1)
        assert part.x.min() == 0 and part.x.max() == 1
        # Two recordings of every digit and speaker each.
        pairs = np.stack([part.y["digit"], part.y["speaker"]], axis=1)
        found, counts = np.unique(pairs, axis=0, return_counts=True)
        assert len(found) == 30 and set(counts) == {2}


def test_pictures_show_how_high_a_sound_is(problem):
    """The loudest band is that of the tone, by the mel scale of O'Shaughnessy (1987)."""
    centres = np.linspace(*2595 * np.log10(1 + np.array([20, 4000]) / 700), 34)[1:-1]
    x, y = problem.test.x, problem.test.y["digit"]
    for digit in range(10):
        heard = x[y == digit][..., :8, 0].mean(axis=(0, 2)).argmax()
        tone = 2595 * np.log10(1 + 300 * (digit + 1) / 700)
        assert abs(centres[heard] - tone) <= centres[1] - centres[0]


def test_silence_follows_what_is_short(problem):
    # 3,000 of 8,192 samples: 12 of 32 frames.
    assert (problem.test.x[:, :, 14:] == 0).all()


def test_labels_fit_the_student(problem):
    problem.validate(problem.student())


def test_what_is_no_data_set_is_refused(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Expected are files as `0_george_0.wav`"):
        mtkd.datasets.spoken_digits(tmp_path)
    with pytest.raises(ValueError, match="must be positive. Received: batch_size=0, width=32"):
        mtkd.datasets.spoken_digits(folder, batch_size=0)
    (tmp_path / "0_ada_0.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(ValueError, match=r"0_ada_0.wav' is damaged: .* Copy it once more"):
        mtkd.datasets.spoken_digits(tmp_path)
    wavfile.write(tmp_path / "0_ada_0.wav", 16000, sound(0, "ada", 0))
    with pytest.raises(ValueError, match=r"at 8000 samples a second. Received: .* at 16000"):
        mtkd.datasets.spoken_digits(tmp_path)


def test_a_download_is_known_by_its_content(folder, monkeypatch):
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: str(folder))
    with pytest.raises(ValueError, match=r"are not those that this loader knows"):
        mtkd.datasets.spoken_digits()

    def broken(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(OSError, match=r"could not be downloaded: no network. Pass the folder"):
        mtkd.datasets.spoken_digits()


def test_filters_before_the_shared_feature_are_scaled(folder):
    layers = mtkd.datasets.spoken_digits(folder, width=5, scale=4).backbone().layers
    assert [layer.filters for layer in layers if hasattr(layer, "filters")] == [32, 64, 128]
    assert layers[-1].units == 5
    with pytest.raises(ValueError, match="Received: scale=0"):
        mtkd.datasets.spoken_digits(folder, scale=0)
