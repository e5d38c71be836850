"""Keras' progress bar with a few of the logs."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import print_msg
from keras_mtkd.distillers.progress.columns import (
    Score,
    columns_of,
    explanation,
    in_line,
    scores_in,
)
from keras_mtkd.distillers.progress.table import short, table


class ShortBar(keras.callbacks.ProgbarLogger):
    """Shows losses and a score a task; changes no logs.

    Behind the bar stand the loss, and of a single task its score. When an epoch or an evaluation
    ends, a table follows that has the scores of several tasks, and a line that says once what
    they are.

    Args:
        wanted: `{task: candidates}` for its score, see `columns.candidates`.
    """

    # Keras then calls it beside the steps on JAX, as it does its own.
    async_safe = True

    def __init__(self, wanted: Mapping[str, Sequence[Score]]) -> None:
        super().__init__()
        self.wanted = wanted
        self._in_fit = self._explained = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._in_fit = True
        super().on_train_begin(logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_train_batch_end(batch, in_line(logs or {}, self.wanted))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, in_line(logs or {}, self.wanted))
        self._show({"train": "", "val": "val_"}, logs or {})

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            super().on_test_batch_end(batch, in_line(logs or {}, self.wanted))

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            super().on_test_end(in_line(logs or {}, self.wanted))
            self._show({"eval": ""}, logs or {})

    def _show(self, prefixes: Mapping[str, str], logs: Mapping[str, Any]) -> None:
        """The table below the bar.

        Args:
            prefixes: `{label of a row: what the names in logs begin with}`.
            logs: The logs.
        """
        scores = scores_in(logs, self.wanted)
        if len(self.wanted) == 1 or not scores or self.verbose not in (1, 2):
            return
        columns = columns_of(scores, logs)
        rows = {
            label: [short(column.value(logs, prefix)) for column in columns]
            for label, prefix in prefixes.items()
            if not prefix or any(name.startswith(prefix) for name in logs)
        }
        width = shutil.get_terminal_size().columns
        text = table([column.title for column in columns], rows, width)
        if not self._explained:
            self._explained = True
            text += "\n" + textwrap.fill(explanation(scores), width, break_on_hyphens=False)
        print_msg(text)
