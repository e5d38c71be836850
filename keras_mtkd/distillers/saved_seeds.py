"""What Keras leaves out of a saved model: its random numbers, and what `compile` was given."""

from typing import Any

import keras

from keras_mtkd._backend.keras_compat import layers_within, seed_generators
from keras_mtkd._storage.arguments import pack
from keras_mtkd.distillers.given import Given

_SEED = "seed_"


class SavedSeeds(keras.Model):
    """Keeps the states of all seed generators, and `compile`'s arguments, in saved files.

    Without the states dropout and draws would start anew after a restart. The arguments are those
    of `Given.compiled_with`: whoever overrides `compile` has to write them.
    """

    _given: Given

    def get_compile_config(self) -> dict[str, Any]:
        if not self.compiled:
            return {}
        return pack(self._given.compiled_with)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        if config:
            self.compile(**keras.saving.deserialize_keras_object(config))

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        for number, seed in enumerate(self._all_seeds()):
            store[f"{_SEED}{number}"] = seed.state.numpy()

    def load_own_variables(self, store: Any) -> None:
        kept = {name: store[name] for name in store.keys()}  # noqa: SIM118 - no plain dict
        for number, seed in enumerate(self._all_seeds()):
            state = kept.pop(f"{_SEED}{number}", None)
            if state is not None:
                seed.state.assign(state)
        super().load_own_variables({k: v for k, v in kept.items() if not k.startswith(_SEED)})

    def _all_seeds(self) -> list[keras.random.SeedGenerator]:
        """The states of all random numbers: of layers, such as dropout, then of the losses."""
        layers = (layer for layer in layers_within(self) if layer is not self)
        seeds = [seed for layer in layers for seed in seed_generators(layer)]
        return [*seeds, *getattr(self, "_seeds", ())]
