# %% [markdown]
# # Several GPUs and several machines
#
# The same training on one device, on two, and in two processes that talk over the network.
#
# No GPU is needed to follow: the processor is split into two devices, and the two "machines" are
# two processes on this one. What has to be shown is that the results are the same; speed is
# another matter, and on one processor there is nothing to gain.

# %%
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import keras_mtkd as mtkd

logging.getLogger("tensorflow").setLevel(logging.ERROR)
plt.style.use("tableau-colorblind10")
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
EPOCHS = 6

# %% [markdown]
# ## Two devices
#
# With GPUs leave the next cell out: they are found. Here the processor becomes two devices, which
# must be said before TensorFlow starts.

# %%
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
[device.name for device in tf.config.list_logical_devices()]

# %% [markdown]
# ## Teachers
#
# Teachers are trained once and kept in a folder, from which every process loads them.

# %%
problem = mtkd.datasets.digits(train_size=1024, validation_size=64, test_size=64, batch_size=64)
teachers = mtkd.train_teachers(
    problem, epochs=5, learning_rate=3e-3, directory=folder / "teachers", verbose=0
)

# %% [markdown]
# ## One training, written once
#
# This goes into a file, since other processes are to run it. Compared with training on one device
# only the scope is new: whatever makes variables (teachers, student, `compile`) happens inside,
# `fit` as ever. A batch is the batch of all devices together. `shuffle=False` keeps the order of
# the samples equal, so that the results can be compared.

# %%
SCRIPT = '''
import json
import sys
from pathlib import Path

import keras
import tensorflow as tf

import keras_mtkd as mtkd


def train(strategy, folder, epochs):
    """Distil a student under a strategy; the losses of all epochs."""
    keras.utils.set_random_seed(0)
    with strategy.scope():
        problem = mtkd.datasets.digits(
            train_size=1024, validation_size=64, test_size=64, batch_size=64
        )
        problem.train.shuffle = False
        problem.train.reset()
        teachers = mtkd.train_teachers(
            problem, epochs=5, learning_rate=3e-3, directory=folder / "teachers", verbose=0
        )
        distiller = mtkd.MultiTaskDistiller(
            problem.student(), teachers, [mtkd.FeatureDistillation("features", weight=10.0)]
        )
        distiller.compile(
            keras.optimizers.Adam(3e-3),
            adaptor_optimizer=keras.optimizers.Adam(3e-2),
            loss=problem.losses(),
        )
    history = distiller.fit(problem.train, epochs=epochs, shuffle=False, verbose=0)
    return history.history["loss"]


if __name__ == "__main__":
    # The strategy reads from the environment which worker this is, so it comes first.
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    folder, epochs = Path(sys.argv[1]), int(sys.argv[2])
    losses = train(strategy, folder, epochs)
    name = f"worker{mtkd.distribution.worker_index()}.json"
    (folder / name).write_text(json.dumps(losses))
'''
(folder / "training.py").write_text(SCRIPT)
sys.path.insert(0, str(folder))

from training import train

# %% [markdown]
# `tf.distribute.MirroredStrategy` uses all GPUs of the machine; here we name the devices to have
# one and then two of them. `ReductionToOneDevice` sums the gradients without communication
# libraries, which suits processors; for GPUs leave it out.


# %%
def mirrored(devices):
    """A strategy on so many devices of this process."""
    return tf.distribute.MirroredStrategy(
        [f"CPU:{number}" for number in range(devices)],
        cross_device_ops=tf.distribute.ReductionToOneDevice(),
    )


losses = {
    "one device": train(mirrored(1), folder, EPOCHS),
    "two devices": train(mirrored(2), folder, EPOCHS),
}

# %% [markdown]
# With `KERAS_BACKEND=jax` there is no scope. Say once, before anything is made,
#
# ```python
# keras.distribution.set_distribution(keras.distribution.DataParallel())
# ```
#
# and train as on one device.
#
# ## Two machines
#
# `tf.distribute.MultiWorkerMirroredStrategy` alone fails inside `fit` in Keras 3.15; a
# `MultiTaskDistiller` mends that. The launcher starts the same program once for every worker and
# tells each who the others are (`TF_CONFIG`). When one dies, it stops the others and starts all
# again; with `mtkd.callbacks.BackupAndRestore` in `fit` they go on after the last epoch that all
# have finished. On two real machines start it on both, with their addresses:
#
# ```bash
# python -m keras_mtkd.distribution --hosts one:2222,two:2222 --index 0 training.py DATA 6
# python -m keras_mtkd.distribution --hosts one:2222,two:2222 --index 1 training.py DATA 6
# ```

# %%
command = [sys.executable, "-m", "keras_mtkd.distribution", "--workers", "2"]
command += [str(folder / "training.py"), str(folder), str(EPOCHS)]
done = subprocess.run(command, capture_output=True, text=True, check=False)
print("exit status", done.returncode)

losses["two workers"] = json.loads((folder / "worker0.json").read_text())
same = losses["two workers"] == json.loads((folder / "worker1.json").read_text())
print("both workers report the same losses:", same)

# %% [markdown]
# ## The same?
#
# In exact arithmetic they would be equal. In float32 sums in another order differ in the last
# digits, and training carries that along.

# %%
base = np.array(losses["one device"])
for name, values in losses.items():
    print(f"{name:12} last loss {values[-1]:.4f}, largest difference {max(abs(values - base)):.1e}")

# %% [markdown]
# Two things differ by nature. Batch normalisation takes its statistics from each device's part of
# the batch, and distances that compare the samples of a batch with each other (`CKALoss`,
# `RelationalDistance`, `LogSumDistance`) compare each part.
#
# ## With other data
#
# * **NYUv2, Cityscapes**: in `train`, `problem = mtkd.datasets.nyuv2("DATA/nyuv2", batch_size=2 *
#   devices)` or `mtkd.datasets.cityscapes("DATA/cityscapes", ...)`; taps are `problem.taps`.
#   SegNet has batch normalisation: keep at least two pictures a device. Every machine needs the
#   folder, or a mount of it. Through tensorflow-datasets: `mtkd.datasets.nyuv2_tfds(batch_size=2
#   * devices)`; run it once on each machine before the training, so that workers do not download
#   into the same folder.
# * **CelebA**: `celeba(batch_size=64 * devices)` of tutorial 3, from `tfds.load("celeb_a")`;
#   tasks are attributes such as `Smiling`. A learning rate that suited a batch of 64 may want to
#   grow with it.
#
# Teachers cost a forward pass each. With many of them compute what they know once, with
# `mtkd.teachers.cache(teachers, problem.train, "features", distillation)`, and fit on what it
# returns.
#
# Last, all three runs; they cover each other, so what is worth looking at is the difference, far
# below.

# %%
epochs = np.arange(1, EPOCHS + 1)
figure, (above, below) = plt.subplots(
    2, 1, figsize=(7.5, 5.5), layout="constrained", sharex=True, height_ratios=[1.4, 1]
)
styles = {
    "one device": ("-", 7, "0.75"),
    "two devices": ("--", 3, "C0"),
    "two workers": (":", 2.5, "C1"),
}
for name, (line, width, color) in styles.items():
    above.plot(epochs, losses[name], line, linewidth=width, color=color, label=name)
above.set(ylabel="training loss", ylim=(0, None))
above.legend(frameon=False)
for name, marker, aside in (("two devices", "o", -0.05), ("two workers", "D", 0.05)):
    # Where losses are equal the difference is 0, which has no place on this axis.
    difference = np.maximum(np.abs(np.array(losses[name]) / base - 1), 1e-9)
    color = styles[name][2]
    below.semilogy(epochs + aside, difference, marker, color=color, label=name)
below.axhline(2**-23, color="0.5", linestyle="--", linewidth=1, zorder=0)
below.text(0.8, 2**-23, "step of float32", va="bottom", color="0.4", fontsize=9)
below.set(xlabel="epoch", ylabel="relative difference\nto one device", ylim=(3e-10, 1e-4))
below.set_yticks([1e-9, 1e-8, 1e-6, 1e-4], ["equal", "1e-8", "1e-6", "1e-4"])
below.legend(frameon=False, ncols=2, loc="upper left")
for ax in (above, below):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
