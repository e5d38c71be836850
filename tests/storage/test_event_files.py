import io

import numpy as np
from event_readers import hparams, read_folder, scalars
from matplotlib.figure import Figure

from keras_mtkd._storage.event_files import Events, by_part, tag_of


def test_tensorboards_reader_finds_what_was_written(tmp_path):
    events = Events.in_folder(tmp_path / "run")
    events.scalars(3, {"loss/a": 0.5, "loss": np.float32(1.5)})
    figure = Figure(figsize=(2, 1))
    events.picture(4, "picture", figure)
    events.close()
    found = read_folder(tmp_path / "run")
    assert scalars(found, "loss/a") == [(3, 0.5)]
    assert scalars(found, "loss") == [(3, 1.5)]
    ((step, (width, height, png)),) = found["picture"]
    assert (step, width, height) == (4, b"200", b"100")
    assert png.startswith(b"\x89PNG")


def test_two_files_of_one_folder_do_not_collide(tmp_path):
    for _ in range(2):
        Events.in_folder(tmp_path).close()
    assert len(list(tmp_path.iterdir())) == 2


def test_hyperparameters(tmp_path):
    stream = io.BytesIO()
    events = Events(stream)
    events.columns(["method", "rate"], ["score/a"])
    events.parameters("one", {"method": "scd", "rate": 0.5, "on": True, "list": [1, 2]})
    path = tmp_path / "events.out.tfevents.0"
    path.write_bytes(stream.getvalue())
    experiment, session = hparams(path)
    assert [info.name for info in experiment.experiment.hparam_infos] == ["method", "rate"]
    assert [m.name.tag for m in experiment.experiment.metric_infos] == ["score/a"]
    values = session.session_start_info.hparams
    assert values["method"].string_value == "scd"
    assert values["rate"].number_value == 0.5
    assert values["on"].bool_value is True
    assert values["list"].string_value == "[1, 2]"


def test_tags_put_the_task_last_and_take_the_longest_name():
    tasks = ["left", "left_parity"]
    assert tag_of("left_parity_loss", tasks) == "loss/left_parity"
    assert tag_of("left_features_distillation_loss", tasks) == "features_distillation_loss/left"
    assert tag_of("stage", tasks) == "stage"
    assert by_part({"val_left_loss": 1, "loss": 2}, tasks) == {
        "train": {"loss": 2.0},
        "validation": {"loss/left": 1.0},
    }
