#!/usr/bin/env bash
# tensorflow-cpu 2.21.0, keras 3.15.1, valid input, no package of ours.
#
# A loss has a term inside `keras.ops.cond`, switched off after the first step. One would think that
# `run_eagerly` changes the speed of `fit` and not its result. It changes the result: traced, weights
# that only the switched-off branch reaches get a gradient of zero, and the optimiser's momentum
# carries them on; eagerly they have no gradient, and the optimiser passes over them with a warning.
# Seen: after the same four steps the weight is 0.873 traced and 0.95 eagerly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q tensorflow-cpu==2.21.0 keras==3.15.1
cat > "$folder/try.py" <<'PY'
import keras
import numpy as np
from keras import ops


class Switched(keras.Model):
    def __init__(self):
        super().__init__()
        self.always = self.add_weight((), "ones", name="always")
        self.sometimes = self.add_weight((), "ones", name="sometimes")
        self.on = self.add_weight((), "ones", trainable=False, name="on")

    def call(self, x):
        term = ops.cond(self.on > 0, lambda: self.sometimes * 1.0, lambda: ops.zeros(()))
        return x * self.always + term


def after_four_steps(run_eagerly):
    model = Switched()
    model.compile(keras.optimizers.SGD(0.05, momentum=0.7), "mae", run_eagerly=run_eagerly)
    x, y = np.ones((4, 1), "float32"), np.zeros((4, 1), "float32")
    model.fit(x, y, batch_size=4, verbose=0)
    model.on.assign(0.0)
    model.fit(x, y, batch_size=4, epochs=3, verbose=0)
    return float(model.sometimes)


traced, eager = after_four_steps(False), after_four_steps(True)
print("traced", round(traced, 4), "eager", round(eager, 4))
np.testing.assert_allclose(eager, 0.95, atol=1e-5)
np.testing.assert_allclose(traced, 1 - 0.05 * (1 + 0.7 + 0.7**2 + 0.7**3), atol=1e-5)
PY
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=2 "$folder/env/bin/python" "$folder/try.py"
