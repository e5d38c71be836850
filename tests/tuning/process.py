"""One process of a parallel search: `python process.py DIRECTORY TUNER`, chief or worker."""

import json
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import keras  # noqa: E402
import keras_tuner  # noqa: E402
from problems import tiny_problem  # noqa: E402
from searching import ONE_PROGRAM  # noqa: E402

import keras_mtkd as mtkd  # noqa: E402


def main():
    directory, kind = Path(sys.argv[1]), sys.argv[2]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
    hypermodel = mtkd.tuning.DistillationHyperModel(
        tiny_problem(),
        epochs=3,
        directory=directory / "teachers",
        dimensions=ONE_PROGRAM,
    )
    limit = {"max_epochs": 3} if kind == "Hyperband" else {"max_trials": 6}
    tuner = getattr(keras_tuner, kind)(
        hypermodel,
        objective=hypermodel.objective(),
        directory=str(directory),
        project_name="search",
        seed=1,
        **limit,
    )
    ran = []
    run_trial = tuner.run_trial

    def noted(trial, *args, **kwargs):
        ran.append(trial.trial_id)
        return run_trial(trial, *args, **kwargs)

    tuner.run_trial = noted
    tuner.search(verbose=0)
    (directory / f"{os.environ['KERASTUNER_TUNER_ID']}.json").write_text(json.dumps(ran))


if __name__ == "__main__":
    main()
