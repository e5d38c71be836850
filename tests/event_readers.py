"""Event files, read with TensorBoard's own reader."""

import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


def read(path):
    """`{tag: [(step, value)]}` of an event file, by TensorBoard's own reader."""
    found = {}
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            array = tensor_util.make_ndarray(value.tensor)
            found.setdefault(value.tag, []).append((event.step, array))
    return found


def read_folder(folder):
    (path,) = folder.glob("events.out.tfevents.*")
    return read(path)


def scalars(found, tag):
    return [(step, pytest.approx(float(value))) for step, value in found[tag]]


def hparams(path):
    """What the plugin for hyperparameters reads."""
    return [
        plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    ]
