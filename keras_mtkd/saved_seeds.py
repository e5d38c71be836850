"""Random numbers that go on after a model was saved and loaded."""

from typing import Any

import keras

_SEED = "seed_"


class SavedSeeds(keras.Model):
    """Keeps the states of all seed generators in weights and `.keras` files.

    Keras leaves them out; without them dropout and draws would start anew after a restart.
    """

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
        layers = (layer for layer in self._flatten_layers() if layer is not self)
        seeds = [seed for layer in layers for seed in layer._seed_generators]
        return [*seeds, *getattr(self, "_seeds", ())]
