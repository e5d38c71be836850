"""Under which conditions something was made, kept beside it, and whether they are those of now."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from keras_mtkd._backend.version import __version__

_Conditions = Mapping[str, Any]
_KEPT_BY = "kept_by"
# How fingerprints among the conditions are made; where nothing is noted, as in
# `fingerprint_before`.
_FORMAT = 2


def note_versions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions to keep, with the versions that tell why they may differ one day."""
    return {**conditions, _KEPT_BY: {**_versions(), "format": _FORMAT}}


def is_noted(kept: Any) -> bool:
    """Whether conditions that were kept tell the versions."""
    return isinstance(kept, dict) and _KEPT_BY in kept


def check_same(
    path: Path, kept: Any, wanted: Callable[[], _Conditions], before: Callable[[], _Conditions]
) -> None:
    """Refuse to go on from something that was made under other conditions.

    Args:
        path: The file that tells under which.
        kept: What it tells.
        wanted: Gives the conditions now.
        before: Gives them as they were told before `note_versions` noted any.

    Raises:
        ValueError: Listing every condition that differs, and the versions where they do.
    """
    kept = dict(kept) if isinstance(kept, dict) else {}
    kept_by = kept.pop(_KEPT_BY, None)
    now = json.loads(json.dumps(dict(before() if kept_by is None else wanted())))
    differing = list(differences(kept, now))
    if differing:
        reasons = "; ".join(f"{name}: kept {was!r}, now {is_!r}" for name, was, is_ in differing)
        raise ValueError(
            f"'{path.parent}' was made under other conditions ({reasons}). "
            f"{_told(kept_by)}Use another directory, delete this one, or go back to those "
            "conditions."
        )


def differences(kept: Any, now: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every condition that differs: its name, as it was kept, and as it is."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for key in sorted({*kept, *now}):
            inner = f"{name}, {key}" if name else str(key)
            yield from differences(kept.get(key), now.get(key), inner)
    elif kept != now:
        yield name, kept, now


def _told(kept_by: Mapping[str, Any] | None) -> str:
    """What versions have to do with it, if they may have."""
    now = _versions()
    if kept_by is None:
        before = f"Kept by an earlier version, which did not note that of Keras, now {now['Keras']}"
    else:
        changed = [
            f"{name} {kept_by.get(name)}, now {version}"
            for name, version in now.items()
            if kept_by.get(name, version) != version
        ]
        if not changed:
            return ""
        before = f"Kept by {' and '.join(changed)}"
    return f"{before}: where fingerprints alone differ, versions may describe the same otherwise. "


def _versions() -> dict[str, str]:
    # Losses of users count by their code, as this Python compiles it.
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Keras": keras.__version__, "keras_mtkd": __version__, "Python": python}
