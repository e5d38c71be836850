"""A teacher inside a distiller: read, shown, saved, never trained."""

from typing import Any
from weakref import WeakKeyDictionary

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.keras_compat import Saveable
from keras_mtkd._backend.types import Shape, Tensor
from keras_mtkd._backend.warn import warn
from keras_mtkd._graph.ends import is_graph
from keras_mtkd._graph.modes import mend
from keras_mtkd._graph.taps import TappedModel, require_functional

_PLACE = "without_optimizer"
_TAPPED: WeakKeyDictionary[keras.Model, dict[Any, TappedModel]] = WeakKeyDictionary()


class _Saved(Saveable):
    """A teacher as far as files go: all but the optimiser that it brings along."""

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._model) if name != "optimizer"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class _Untracked:
    """Hides models from Keras' attribute tracking."""

    def __init__(self, model: keras.Model, tapped: TappedModel | None) -> None:
        self.model = model
        self.tapped = tapped
        self.saved = _Saved(model)
        # Where Keras looks for what is in a file; until 0.1.0 it was the model itself.
        self.place = _PLACE


@mtkd_saved
class FrozenTeacher(keras.layers.Layer):
    """Runs a teacher in inference mode and gives its predictions and taps, without gradient.

    The model is neither copied nor changed: its `trainable` flags stay the caller's. (Only what
    files of Keras 3.15 say of `training` in its graph is taken out, so that it predicts with Keras
    3.16 as before.) Its
    variables are all reported as non-trainable state of this layer, and its own losses
    (regularisers, `add_loss`) are left out, since nobody is to minimise them.

    Args:
        model: The teacher. Needs a functional graph if `paths` is not empty.
        paths: Layers to tap.
        with_outputs: False to run the teacher only as far as its taps.
        name: Name of the layer.

    Call arguments:
        inputs: What the teacher takes.

    Returns the predictions (`None` without outputs) and `{path: tensor}`.
    """

    def __init__(
        self,
        model: keras.Model,
        paths: tuple[str, ...] = (),
        with_outputs: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, trainable=False, dtype=model.dtype_policy, autocast=False)
        if paths:
            require_functional(model, f"teacher '{model.name}'")
        mend(model, "teacher")
        _warn_of_preprocessing(model)
        tapped = _tap(model, paths, with_outputs) if is_graph(model) else None
        self._teacher = _Untracked(model, tapped)
        self.built = True

    @property
    def model(self) -> keras.Model:
        """The caller's model."""
        return self._teacher.model

    def __dir__(self) -> list[str]:
        # By these names Keras walks through what is saved and loaded.
        return [*({*super().__dir__()} - {_PLACE, "model"}), self._teacher.place]

    @property
    def without_optimizer(self) -> Saveable:
        """What files hold of the model."""
        return self._teacher.saved

    def save_own_variables(self, store: Any) -> None:
        store[_PLACE] = 1
        self._teacher.place = _PLACE

    def load_own_variables(self, store: Any) -> None:
        self._teacher.place = _PLACE if _PLACE in store.keys() else "model"  # noqa: SIM118

    @property
    def shapes(self) -> dict[str, Shape]:
        """Static shapes of the taps, `{path: shape}`."""
        return {} if self._teacher.tapped is None else self._teacher.tapped.shapes

    def call(self, inputs: Any) -> tuple[Any, dict[str, Tensor]]:
        teacher = self._teacher
        if teacher.tapped is None:
            outputs, taps = teacher.model(inputs, training=False), dict[str, Tensor]()
        else:
            outputs, taps = teacher.tapped(inputs, training=False)
        if outputs is not None:
            outputs = keras.tree.map_structure(ops.stop_gradient, outputs)
        return outputs, {path: ops.stop_gradient(tap) for path, tap in taps.items()}

    @property
    def variables(self) -> list[keras.Variable]:
        return self.model.variables

    @property
    def weights(self) -> list[keras.Variable]:
        return self.model.weights


def _tap(model: keras.Model, paths: tuple[str, ...], with_outputs: bool) -> TappedModel:
    """The model with these taps, made once: every time adds nodes to its layers for good."""
    made = _TAPPED.setdefault(model, {})
    if (paths, with_outputs) not in made:
        made[paths, with_outputs] = TappedModel(model, paths, with_outputs)
    return made[paths, with_outputs]


def _warn_of_preprocessing(model: keras.Model) -> None:
    """A word where `predict` does something to the inputs, which only the caller can know of."""
    if hasattr(model, "preprocessor"):
        preprocesses = model.preprocessor is not None
    else:
        preprocesses = type(model).predict is not keras.Model.predict
    if preprocesses:
        warn(
            f"`predict` of the teacher '{model.name}', a {type(model).__name__}, is its class' own "
            "and may preprocess its inputs. Here the model itself is called on what the student "
            "gets. Give data that is preprocessed already, or a teacher that begins with the "
            "preprocessing as a layer. To silence this, set `model.preprocessor = None`, or pass "
            "`keras.Model(model.inputs, model.outputs)`.",
        )
