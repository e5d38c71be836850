"""Event files of TensorBoard, written with its own package alone: TensorFlow is not needed."""

import io
import os
import struct
import time
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from keras_mtkd._backend.optional import require

_NUMBERS = count()
_EXTRA = "tensorboard"
_DPI = 100
_PNG_SIZE = slice(16, 24)


class Events:
    """Writes what TensorBoard shows to a stream, record by record.

    Args:
        stream: A binary stream.

    Raises:
        ImportError: If TensorBoard is not installed.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._event = require("tensorboard.compat.proto.event_pb2", _EXTRA).Event
        self._record = require("tensorboard.summary.writer.record_writer", _EXTRA).RecordWriter
        self._write(file_version="brain.Event:2")

    @classmethod
    def in_folder(cls, directory: Path) -> "Events":
        """Events in a new file of a folder, which is made."""
        directory.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time())}.{os.getpid()}.{next(_NUMBERS)}"
        return cls((directory / name).open("wb"))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers of one step, `{tag: value}`."""
        scalar = require("tensorboard.plugins.scalar.summary_v2", _EXTRA)
        for tag, value in values.items():
            self._write(step=step, summary=scalar.scalar_pb(tag, float(value)))

    def picture(self, step: int, tag: str, figure: Any) -> None:
        """A matplotlib figure."""
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=_DPI)
        png = stream.getvalue()
        width, height = struct.unpack(">II", png[_PNG_SIZE])
        images = require("tensorboard.plugins.image.metadata", _EXTRA)
        tensors = require("tensorboard.util.tensor_util", _EXTRA)
        summary = require("tensorboard.compat.proto.summary_pb2", _EXTRA).Summary()
        summary.value.add(
            tag=tag,
            metadata=images.create_summary_metadata(display_name=None, description=None),
            tensor=tensors.make_tensor_proto([str(width).encode(), str(height).encode(), png]),
        )
        self._write(step=step, summary=summary)

    def columns(self, parameters: Iterable[str], metrics: Iterable[str]) -> None:
        """The columns of TensorBoard's table of hyperparameters."""
        table = require("tensorboard.plugins.hparams.summary_v2", _EXTRA)
        summary = table.hparams_config_pb(
            hparams=[table.HParam(name) for name in parameters],
            metrics=[table.Metric(tag) for tag in metrics],
        )
        self._write(step=0, summary=summary)

    def parameters(self, name: str, values: Mapping[str, Any]) -> None:
        """A run's row of that table; values that are no numbers become text."""
        table = require("tensorboard.plugins.hparams.summary_v2", _EXTRA)
        plain = {
            key: value if isinstance(value, bool | int | float | str) else str(value)
            for key, value in values.items()
        }
        self._write(step=0, summary=table.hparams_pb(plain, trial_id=name))

    def _write(self, **content: Any) -> None:
        event = self._event(wall_time=time.time(), **content)
        self._record(self._stream).write(event.SerializeToString())
        self._stream.flush()


def tag_of(name: str, tasks: Iterable[str]) -> str:
    """The tag of a value in logs: tasks last, so that TensorBoard shows them side by side.

    Examples:
        >>> tag_of("left_parity_loss", ["left", "left_parity"]), tag_of("loss", ["left"])
        ('loss/left_parity', 'loss')
    """
    named = [task for task in tasks if name.startswith(f"{task}_")]
    task = max(named, key=len, default=None)
    return name if task is None else f"{name[len(task) + 1 :]}/{task}"


def by_part(logs: Mapping[str, float], tasks: Iterable[str]) -> dict[str, dict[str, float]]:
    """Tags and values of logs, `{"train": {tag: value}, "validation": {tag: value}}`."""
    parts: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
    for name, value in logs.items():
        part = "validation" if name.startswith("val_") else "train"
        parts[part][tag_of(name.removeprefix("val_"), tasks)] = float(value)
    return parts
