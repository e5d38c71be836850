#!/usr/bin/env bash
# keras 3.15.1, jax 0.10.2, valid input, no package of ours.
#
# A model shows another one by a property, as a distiller shows its teacher: it is no attribute, and its
# weights are not among `model.weights`. One would think that a file holds what the model tracks. Keras
# goes through `dir(model)` when it saves, evaluates every property and writes what models it gets,
# with the state of their optimisers. Seen: of the file's ten arrays two are the model's own; eight are
# the other model's kernel, bias and six variables of Adam.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q keras==3.15.1 jax==0.10.2
cat > "$folder/try.py" <<'PY'
import io
import sys
import zipfile

import h5py
import keras
import numpy as np


def network():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


@keras.saving.register_keras_serializable()
class Showing(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(1)
        self.untracked = lambda: other

    def call(self, x):
        return self.dense(x)

    @property
    def shown(self):
        return self.untracked()


other = network()
other.compile("adam", "mse")
x = np.ones((4, 2), "float32")
other.fit(x, x[:, :1], verbose=0)
model = Showing()
model(x)
assert len(model.weights) == 2
path = f"{sys.argv[1]}/model.keras"
model.save(path)
names = []
with h5py.File(io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5"))) as file:
    file.visititems(lambda name, item: names.append(name) if hasattr(item, "shape") else None)
print(*names, sep="\n")
foreign = [name for name in names if name.startswith("shown/")]
assert len(names) - len(foreign) == 2
assert any("optimizer" in name for name in foreign)
assert len(foreign) == 8
PY
KERAS_BACKEND=jax "$folder/env/bin/python" "$folder/try.py" "$folder"
