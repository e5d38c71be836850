"""A multi-task problem: data, tasks and the backbone that they share."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.makers import check_maker
from keras_mtkd._backend.names import check_names, valid_name
from keras_mtkd._data.array_dataset import as_dataset
from keras_mtkd._data.content import content
from keras_mtkd._storage.fingerprint import architecture, digest, draw_seeds_alike, objective
from keras_mtkd.losses.label_count import LabelCount
from keras_mtkd.losses.validation import check_data
from keras_mtkd.models.hard_sharing import hard_sharing
from keras_mtkd.task import Task, listed_tasks


@mtkd_export("keras_mtkd.Problem")
class Problem:
    """Everything that teachers, students, experiments and searches are made from.

    Args:
        name: Name of the problem.
        tasks: The tasks.
        backbone: Function without arguments that makes a new shared backbone, a functional model
            from the inputs to the shared feature.
        train: Training data: a `tf.data.Dataset` or `keras.utils.PyDataset` of batches
            `(x, {task: y})` or `(x, {task: y}, {task: sample_weight})`; or such arrays, which
            become an `ArrayDataset`, shuffled for training.
        validation: Validation data, likewise. Choices are made on it.
        test: Test data, likewise, looked at once in the end.
        taps: Layers of the backbone that MTLKD distils by default.
        fingerprint: What tells the content of the data, such as the number of its version: kept
            teachers and results are taken again as long as it is the same. By default the data is
            read once for that where something is kept, which random augmentation makes
            impossible.

    Attributes:
        tasks: `{name: Task}`.

    Raises:
        TypeError: If data is of another kind, tasks are no `Task`s, `backbone` is a model or cannot
            be called without arguments, or `taps` is one text.
        ValueError: If there is no task or two have the same name.
    """

    def __init__(
        self,
        name: str,
        tasks: Sequence[Task],
        backbone: Callable[[], keras.Model],
        train: Any,
        validation: Any,
        test: Any = None,
        taps: Sequence[str] = ("features",),
        fingerprint: str | None = None,
    ) -> None:
        check_names("taps", taps)
        tasks = listed_tasks(tasks)
        names = [task.name for task in tasks]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"A problem needs tasks with different names. Received: {names}.")
        check_maker(f"Problem '{name}': `backbone`", backbone, "lambda: build_backbone(...)")
        self.name = name
        self.tasks = {task.name: task for task in tasks}
        self.backbone = backbone
        self.train = as_dataset(train, True, f"training data of '{name}'")
        self.validation = as_dataset(validation, False, f"validation data of '{name}'")
        self.test = None if test is None else as_dataset(test, False, f"test data of '{name}'")
        self.taps = tuple(taps)
        self._fingerprint_of_data = fingerprint

    def heads(self) -> dict[str, keras.layers.Layer]:
        """A new head for every task."""
        return {name: task.head() for name, task in self.tasks.items()}

    def losses(self) -> dict[str, keras.losses.Loss]:
        """The loss of every task."""
        return {name: task.new_loss() for name, task in self.tasks.items()}

    def metrics(self) -> dict[str, list[str | keras.metrics.Metric]]:
        """New metrics for every task, its score first."""
        return {name: task.new_metrics() for name, task in self.tasks.items()}

    def student(self) -> keras.Model:
        """A new multi-task model with one head a task on the shared backbone."""
        return hard_sharing(self.backbone(), self.heads(), name=valid_name(f"{self.name}_student"))

    def single(self, task: str) -> keras.Model:
        """A new model of one task: the same backbone with that task's head alone.

        Raises:
            ValueError: If there is no such task.
        """
        if task not in self.tasks:
            raise ValueError(
                f"Problem '{self.name}' has no task '{task}'. Its tasks: {list(self.tasks)}."
            )
        heads = {task: self.tasks[task].head()}
        return hard_sharing(self.backbone(), heads, name=valid_name(f"{self.name}_{task}"))

    def validate(self, model: keras.Model | None = None) -> LabelCount:
        """Check every label of every data set once, its weights and the inputs.

        Args:
            model: Functional model with dict outputs, of all tasks or some, that the labels have to
                fit; by default a new student.

        Returns:
            How many of the training samples have a label: `share(task)`, and `a_batch(task)`, the
            mean number in a batch. `print` shows the numbers of all tasks.

        Raises:
            ValueError: Naming the data set and the task, for empty data, or labels that are
                missing, misspelt, NaN, or of the wrong shape or dtype; for negative sample weights,
                inputs that are no numbers, and numbers that the model's `Embedding` does not have.
        """
        model, losses = self.student() if model is None else model, self.losses()
        count = LabelCount()
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        for part, data in parts.items():
            if data is None:
                continue
            try:
                counted = count if part == "train" else None
                check_data(model, losses, data, batches=None, count=counted)
            except ValueError as error:
                raise ValueError(f"Problem '{self.name}', {part} data: {error}") from cause_of(
                    error
                )
        return count

    def fingerprint(
        self, task: str | None = None, parts: Sequence[str] = ("train", "validation")
    ) -> dict[str, Any]:
        """What makes results comparable: hashes of data, backbone and tasks.

        They are the same with every release of Keras that makes the same of it. Data sets that
        have no `fingerprint()` of their own are read once.

        Args:
            task: Only this task's head and loss; by default all tasks'.
            parts: Parts of the data that count.

        Returns:
            `{"problem": name, "data": "train ..., validation ...", "backbone": ...,
            "tasks": {"head of <task>": ..., "loss of <task>": ...}}`.

        Raises:
            TypeError: If `parts` is one text.
        """
        check_names("parts", parts)
        tasks = list(self.tasks.values()) if task is None else [self.tasks[task]]
        return {
            "problem": self.name,
            "data": ", ".join(f"{part} {self._content(part)}" for part in parts),
            "backbone": _made_by(self.backbone),
            "tasks": {
                **{f"head of {each.name}": _made_by(each.head) for each in tasks},
                **{f"loss of {each.name}": digest(objective(each.new_loss())) for each in tasks},
            },
        }

    def _content(self, part: str) -> str:
        if self._fingerprint_of_data is not None:
            return self._fingerprint_of_data
        return content(getattr(self, part), f"{part} data of '{self.name}'")


def _made_by(make: Callable[[], keras.layers.Layer]) -> str:
    with draw_seeds_alike():
        return digest(architecture(make()))
