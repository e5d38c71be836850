#!/usr/bin/env bash
# keras 3.15.1, jax 0.10.2, valid input, no package of ours.
#
# A `PyDataset` whose batches are numbered, `fit(shuffle=False)`, and a model with a metric. One would
# think that `workers` changes how fast batches come, and not which. With `workers=2` every epoch
# begins with its second batch and ends with its first: the model is built with a batch that is taken
# from those read ahead, and what else was read ahead stays in the queue. On TensorFlow the order is
# right. Seen: batches 1 2 3 4 with one worker, 2 3 4 1 with two, in all epochs. A data set that changes
# from epoch to epoch thus gives the last step of an epoch what is meant for the next.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q keras==3.15.1 jax==0.10.2
cat > "$folder/try.py" <<'PY'
import keras
import numpy as np


class Numbered(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.ones((2, 1), "float32"), np.full((2, 1), index + 1, "float32")


class Digits(keras.metrics.Metric):
    """The numbers of an epoch's batches, in their order, as the digits of one number."""

    def __init__(self):
        super().__init__(name="digits")
        self.value = self.add_weight(shape=(), initializer="zeros", name="value")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value.assign(10 * self.value + keras.ops.mean(y_true))

    def result(self):
        return 1.0 * self.value


def epochs(workers):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[Digits()])
    data = Numbered(workers=workers)
    return model.fit(data, epochs=3, shuffle=False, verbose=0).history["digits"]


one, two = epochs(1), epochs(2)
print("one worker", one, "two workers", two)
assert one == [1234.0] * 3
assert two == [2341.0] * 3
PY
KERAS_BACKEND=jax "$folder/env/bin/python" "$folder/try.py"
