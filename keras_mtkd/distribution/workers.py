"""Which of several workers this process is, as TensorFlow's `TF_CONFIG` says."""

import json
import os
from typing import Any

from keras_mtkd._backend.export import mtkd_export


@mtkd_export("keras_mtkd.distribution.worker_count")
def worker_count() -> int:
    """Number of workers, 1 without `TF_CONFIG`.

    Raises:
        ValueError: If `TF_CONFIG` is no JSON.
    """
    return max(1, len(_config().get("cluster", {}).get("worker", [])))


@mtkd_export("keras_mtkd.distribution.worker_index")
def worker_index() -> int:
    """This worker's number, counted from 0.

    Raises:
        ValueError: As `worker_count`.
    """
    return int(_config().get("task", {}).get("index", 0))


@mtkd_export("keras_mtkd.distribution.is_chief")
def is_chief() -> bool:
    """Whether this worker is the one that writes models and prints.

    Raises:
        ValueError: As `worker_count`.
    """
    return worker_index() == 0


def _config() -> dict[str, Any]:
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"The environment's TF_CONFIG is no JSON: {error}.") from error
