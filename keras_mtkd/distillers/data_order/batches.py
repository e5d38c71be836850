"""Batches of a data set in an order of their own."""

from typing import Any

import keras

from keras_mtkd.distillers.data_order.passes import DataOrder, Passes


class OrderedBatches(keras.utils.PyDataset):
    """A data set whose batches come in another order.

    Args:
        data: The data set, of known length.
        order: Seed and epoch.
        steps: Steps an epoch, by default one for every batch.
        shuffle: Whether to shuffle the batches.
    """

    def __init__(
        self,
        data: keras.utils.PyDataset,
        order: DataOrder,
        steps: int | None = None,
        shuffle: bool = True,
    ) -> None:
        super().__init__(
            workers=data.workers,
            use_multiprocessing=data.use_multiprocessing,
            max_queue_size=data.max_queue_size,
        )
        self.data, self.order, self.steps, self.shuffle = data, order, steps, shuffle
        self._passes = self._of(int(data.num_batches))

    def _of(self, batches: int) -> Passes:
        return Passes(self.order, batches, steps=self.steps, shuffle=self.shuffle)

    @property
    def num_batches(self) -> int:
        return self.steps or int(self.data.num_batches)

    def __getitem__(self, index: int) -> Any:
        # A data set may change its length between epochs.
        batches = int(self.data.num_batches)
        if batches != self._passes.rows:
            self._passes = self._of(batches)
        return self.data[int(self._passes.of_step(index)[0])]

    def on_epoch_begin(self) -> None:
        self.data.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.data.on_epoch_end()
