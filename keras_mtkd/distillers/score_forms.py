"""In which form a model that is to be judged answers, and in which the tasks' losses take it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._backend.warn import warn
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._data.read_once import may_be_read
from keras_mtkd.distillation.form import is_missing
from keras_mtkd.distillation.head import Head, head_of_model
from keras_mtkd.distillation.seen_form import SeenForm, from_logits_seen
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.losses.kinds import kind_of
from keras_mtkd.task import Task

# So many samples at most, of arrays so many at once, and no more once there are so many values.
_SAMPLES, _AT_ONCE, _ENOUGH = 512, 64, 512


def score_forms(
    model: keras.Model,
    tasks: Mapping[str, Task],
    data: Any,
    teller: keras.Model | None = None,
    look: bool = True,
) -> dict[str, tuple[Head, Head]]:
    """What a model gives and what the tasks' losses take.

    Args:
        model: Functional model with dict outputs, of all the tasks.
        tasks: `{name: task}`.
        data: What it is to be judged by.
        teller: The model whose compiled loss tells the form; by default the model itself.
        look: Whether its first answers tell where nothing else does, with a warning unless they
            are plainly what the loss takes.

    Returns:
        `{task: (what the model gives, what the loss takes)}`.
    """
    forms = {
        name: (head_of_model(teller or model, name), _taken(task.new_loss(), model.output[name]))
        for name, task in tasks.items()
    }
    unknown = [name for name, (theirs, taken) in forms.items() if is_missing(theirs, taken)]
    if not (look and unknown):
        return forms
    axes = {name: forms[name][1].axis for name in unknown}
    for name, answers in _first_answers(model, axes, data).items():
        theirs, taken = forms[name]
        told = from_logits_seen(answers, taken.kind)
        word = SeenForm(name, taken.kind, bool(taken.from_logits), told, answers.size).warning()
        if word:
            warn(word)
        forms[name] = replace(theirs, from_logits=told), taken
    return forms


def _taken(loss: keras.losses.Loss, output: Tensor) -> Head:
    """What a loss takes, which for `"crossentropy"` depends on how many classes there are."""
    read = kind_of(loss, output.shape[-1])
    return Head(read.predicts, read.from_logits, read.axis)


def _first_answers(model: keras.Model, axes: Mapping[str, int], data: Any) -> dict[str, np.ndarray]:
    """`{task: (answers, classes)}`, none of data that can be read once alone.

    Args:
        model: The model.
        axes: `{task: axis of its classes}`.
        data: The data.
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in axes}
    if may_be_read(data):
        judge = MultiTaskModel(model)
        for x, _, _ in probe_batches(data, _SAMPLES, _AT_ONCE):
            outputs = judge(x, training=False)
            for name, axis in axes.items():
                # Maps of different batches may differ in size.
                last = np.moveaxis(ops.convert_to_numpy(outputs[name]), axis, -1)
                found[name].append(last.reshape(-1, last.shape[-1]))
            if min(sum(part.size for part in parts) for parts in found.values()) >= _ENOUGH:
                break
    return {
        name: np.concatenate(parts) if parts else np.zeros((0, 1)) for name, parts in found.items()
    }
