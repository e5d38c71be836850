#!/usr/bin/env bash
# keras 3.15.1, jax 0.10.2, valid input, no package of ours.
#
# A model is made and trained under `mixed_float16`, saved, and loaded by a process that does not set
# the policy. One would think that a file holds what the model trains by. It holds the policy of every
# layer, but not that of the model, and `compile` scales losses by the latter. Seen: layers compute in
# float16 as before, the optimiser is a bare Adam instead of a `LossScaleOptimizer`, and its state is
# gone: 0 steps instead of 2, with a warning of numbers of variables. Under the same policy all is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q keras==3.15.1 jax==0.10.2
cat > "$folder/try.py" <<'PY'
import sys

import keras
import numpy as np

keras.config.set_dtype_policy("mixed_float16")
inputs = keras.Input((4,))
hidden = keras.layers.Dense(8, name="hidden")(inputs)
model = keras.Model(inputs, keras.layers.Dense(1, dtype="float32")(hidden))
model.compile("adam", "mse")
x = np.ones((8, 4), "float32")
model.fit(x, x[:, :1], batch_size=4, verbose=0)
path = f"{sys.argv[1]}/model.keras"
model.save(path)


def loaded():
    model = keras.models.load_model(path)
    steps = int(model.optimizer.iterations)
    return type(model.optimizer).__name__, steps, model.get_layer("hidden").compute_dtype


same = loaded()
keras.config.set_dtype_policy("float32")  # as in a process that sets none
other = loaded()
print("same policy", same, "default policy", other)
assert same == ("LossScaleOptimizer", 2, "float16")
assert other == ("Adam", 0, "float16")
PY
KERAS_BACKEND=jax "$folder/env/bin/python" "$folder/try.py" "$folder"
