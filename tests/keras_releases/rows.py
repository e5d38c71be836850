"""Models and losses of every kind whose fingerprints are recorded, the same in every release."""

import keras
from keras import layers, losses, ops

import keras_mtkd as mtkd
from keras_mtkd.layers.unit_vectors import UnitVectors


@keras.saving.register_keras_serializable("rows")
class Own(layers.Layer):
    """A user's layer, with a mode, a mask and a function of Keras."""

    def __init__(self, scale=1.0, function="relu", **kwargs):
        super().__init__(**kwargs)
        self.scale, self.function = scale, keras.activations.get(function)

    def call(self, x, training=False, mask=None):
        return self.scale * self.function(x)

    def get_config(self):
        function = keras.saving.serialize_keras_object(self.function)
        return {**super().get_config(), "scale": self.scale, "function": function}


def squared(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def model(shape, build, dtype="float32"):
    inputs = keras.Input(shape, dtype=dtype)
    return keras.Model(inputs, build(inputs))


def chain(shape, *parts, dtype="float32"):
    def build(x):
        for part in parts:
            x = part(x)
        return x

    return model(shape, build, dtype)


def each(shape, *parts):
    return model(shape, lambda x: [part(x) for part in parts])


def block(x):
    x = layers.BatchNormalization()(layers.Dense(4)(x))
    return layers.Dropout(0.3)(layers.Activation("relu")(x))


def nested(x):
    x = layers.Dropout(0.2)(model((6,), block)(x))
    x = keras.Sequential([layers.Dense(3, "relu"), layers.Dropout(0.1)])(x)
    return {"a": layers.Dense(2)(x), "b": layers.Dense(1)(x)}


def operations(x):
    a, b = layers.Dense(4)(x), layers.Dense(4)(x)
    return [
        a + b,
        a * 2.0 - b,
        -a,
        a[:, :2],
        ops.concatenate([a, b], axis=-1),
        ops.reshape(a, (-1, 2, 2)),
        ops.mean(a, axis=1, keepdims=True),
        ops.softmax(ops.relu(b)),
        layers.Add()([a, b]),
        layers.Multiply()([a, b]),
        layers.Concatenate()([a, b]),
        layers.Dot(1)([a, b]),
    ]


def two_inputs():
    inner, outer = ({n: keras.Input((s,), name=n) for n, s in (("x", 4), ("y", 3))} for _ in "ab")
    joined = layers.Dense(2)(layers.Concatenate()(list(inner.values())))
    return keras.Model(outer, {"a": layers.Dropout(0.1)(keras.Model(inner, joined)(outer))})


def shared(x):
    dense, dropout = layers.Dense(6), layers.Dropout(0.1)
    return dropout(dense(dropout(dense(x))))


def embedded(mask):
    return chain(
        (5,),
        layers.Embedding(7, 3, mask_zero=mask),
        layers.Dropout(0.1),
        layers.LSTM(2, return_sequences=True),
        layers.GRU(2),
        dtype="int32",
    )


# Keras 3.15 writes masks into graphs, and the first fingerprints told of them.
MASKED = ("masked", "masking")
MODELS = {
    "dense": lambda: chain(
        (6,),
        layers.Dense(
            3,
            "gelu",
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02, seed=3),
            bias_initializer=keras.initializers.Constant(0.1),
            kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
            bias_constraint="non_neg",
        ),
    ),
    "convolutions": lambda: chain(
        (8, 8, 3),
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(2, 3),
        layers.SpatialDropout2D(0.1),
        layers.UpSampling2D(interpolation="bilinear"),
        layers.Conv2DTranspose(2, 2),
        layers.GlobalAveragePooling2D(),
    ),
    "norms": lambda: each(
        (4, 6),
        layers.LayerNormalization(),
        layers.GroupNormalization(2),
        layers.UnitNormalization(),
        layers.RMSNormalization(),
        layers.SpectralNormalization(layers.Dense(2)),
        layers.Normalization(mean=0.0, variance=1.0),
    ),
    "activations": lambda: each(
        (4,),
        layers.Dense(2, keras.activations.swish),
        layers.Dense(2, layers.LeakyReLU(0.1)),
        layers.Softmax(),
        layers.PReLU(),
        layers.Activation("tanh"),
    ),
    "noise": lambda: each(
        (4,), layers.GaussianNoise(0.1), layers.GaussianDropout(0.1), layers.Dropout(0.1, seed=3)
    ),
    "augmentation": lambda: chain(
        (8, 8, 3),
        layers.RandomFlip(),
        layers.RandomRotation(0.1),
        layers.RandomContrast(0.1),
        layers.RandomCrop(6, 6, seed=1),
        layers.Flatten(),
    ),
    "bytes": lambda: chain(
        (4, 4, 1), layers.Rescaling(1 / 255), layers.RandomFlip(), dtype="uint8"
    ),
    "modes": lambda: model(
        (4,),
        lambda x: [
            layers.BatchNormalization()(x, training=False),
            layers.Dropout(0.1)(x, training=True),
        ],
    ),
    "attention": lambda: each(
        (5, 4),
        lambda x: layers.MultiHeadAttention(2, 3, dropout=0.1)(x, x),
        lambda x: layers.MultiHeadAttention(2, 3)(query=x, value=x),
        lambda x: layers.GroupQueryAttention(2, 2, 1)(x, x),
    ),
    "recurrent": lambda: each(
        (5, 4),
        layers.SimpleRNN(2),
        layers.Bidirectional(layers.LSTM(2)),
        layers.TimeDistributed(layers.Dense(2)),
        layers.RNN(layers.GRUCell(2)),
    ),
    "embedding": lambda: embedded(mask=False),
    "masked": lambda: embedded(mask=True),
    "masking": lambda: chain((5, 4), layers.Masking(2.0), layers.LSTM(2)),
    "nested": lambda: model((6,), nested),
    "two inputs": two_inputs,
    "shared": lambda: model((6,), shared),
    "operations": lambda: model((6,), operations),
    "sequential": lambda: keras.Sequential(
        [keras.Input((6,)), model((6,), block), layers.Dropout(0.1), layers.Dense(2)]
    ),
    "not built": lambda: keras.Sequential([layers.Dense(3), layers.Dropout(0.1)]),
    "a layer": lambda: layers.Dropout(0.3),
    "mixed precision": lambda: chain(
        (4,),
        layers.Dense(3, dtype="mixed_float16"),
        layers.Dropout(0.1, dtype="mixed_float16"),
        layers.Dense(1, dtype="float32"),
    ),
    "own": lambda: chain((4,), Own(), Own(2.0, keras.activations.tanh)),
    "of the package": lambda: model(
        (8, 8, 3),
        lambda x: [
            mtkd.layers.BilinearUpsampling2D(2)(x),
            UnitVectors()(x),
            mtkd.layers.MaxPooling2DWithIndices()(x)[0],
            mtkd.layers.Rotation()(layers.Flatten()(x)),
        ],
    ),
}

LOSSES = {
    "cross-entropy": lambda: losses.SparseCategoricalCrossentropy(),
    "of logits": lambda: losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255),
    "one-hot": lambda: losses.CategoricalCrossentropy(label_smoothing=0.1),
    "binary": lambda: losses.BinaryFocalCrossentropy(from_logits=True),
    "squares": lambda: losses.MeanSquaredError(),
    "huber": lambda: losses.Huber(),
    "wide huber": lambda: losses.Huber(2.0),
    "cosine": lambda: losses.CosineSimilarity(axis=-1),
    "columns": lambda: losses.CosineSimilarity(axis=1),
    "kl": lambda: losses.KLDivergence(reduction="sum"),
    "by name": lambda: mtkd.losses.get("mse"),
    "by function": lambda: mtkd.losses.get(squared),
    "logit kl": lambda: mtkd.losses.LogitKL(2.0),
    "selected": lambda: mtkd.losses.SelectPositions(mtkd.losses.LogitKL(), 0.3),
}
# Told by its code, as the Python that runs compiles it.
BY_CODE = "by function"
# Keras 3.15 did not tell them from those with other arguments.
UNTOLD = ("wide huber", "columns")


def told(architecture, objective, digest):
    """Hashes of what is told of all of them, `{"models": {name: hash}, "losses": {name: hash}}`."""
    return {
        "models": {name: digest(architecture(make())) for name, make in MODELS.items()},
        "losses": {name: digest(objective(make())) for name, make in LOSSES.items()},
    }
