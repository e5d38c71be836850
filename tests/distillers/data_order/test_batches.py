import keras
import pytest

from keras_mtkd.distillers.data_order.batches import OrderedBatches
from keras_mtkd.distillers.data_order.passes import DataOrder, Passes


class Numbers(keras.utils.PyDataset):
    """Batches that are their own numbers."""

    def __init__(self, count, **arguments):
        super().__init__(**arguments)
        self.count, self.told = count, []

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, index):
        return 10 * index

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


def epoch_of(data):
    return [data[step] for step in range(data.num_batches)]


def test_every_batch_comes_once_in_the_order_of_the_epoch():
    order = DataOrder(3)
    data, orders = OrderedBatches(Numbers(5), order), []
    passes = Passes(DataOrder(3), 5)
    for order.epoch in passes.order.epoch, 1:
        passes.order.epoch = order.epoch
        orders.append(epoch_of(data))
        assert orders[-1] == [10 * int(passes.of_step(step)[0]) for step in range(5)]
    assert sorted(orders[0]) == sorted(orders[1]) == [0, 10, 20, 30, 40]
    assert orders[0] != orders[1]


@pytest.mark.parametrize(("epoch", "expected"), [(0, [0, 10]), (1, [20, 0])])
def test_shorter_epochs_go_on_where_the_last_one_ended(epoch, expected):
    order = DataOrder()
    data = OrderedBatches(Numbers(3), order, steps=2, shuffle=False)
    order.epoch = epoch
    assert data.num_batches == 2
    assert epoch_of(data) == expected


def test_a_length_that_changes():
    numbers = Numbers(3)
    data = OrderedBatches(numbers, DataOrder(), shuffle=False)
    assert epoch_of(data) == [0, 10, 20]
    numbers.count = 4
    assert epoch_of(data) == [0, 10, 20, 30]


def test_the_data_set_is_told_of_epochs_and_keeps_its_workers():
    numbers = Numbers(3, workers=2, max_queue_size=7)
    data = OrderedBatches(numbers, DataOrder())
    data.on_epoch_begin()
    data.on_epoch_end()
    assert numbers.told == ["begin", "end"]
    assert (data.workers, data.max_queue_size, data.use_multiprocessing) == (2, 7, False)
