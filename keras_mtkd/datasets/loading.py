"""Problems by name, as the command line takes them: each enters itself."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import unknown
from keras_mtkd.problem import Problem

_NOTHING = "nothing"


class Entry(NamedTuple):
    """What is known of a problem by its name.

    Attributes:
        load: From a folder, or `None`, to the problem.
        summary: What it is, in a line.
        needs_folder: Whether it cannot be made without.
        tasks: Names of its tasks.
        needs: What has to be there, without the last full stop.
    """

    load: Callable[[Path | None], Problem]
    summary: str
    needs_folder: bool = False
    tasks: tuple[str, ...] = ()
    needs: str = _NOTHING


PROBLEMS: dict[str, Entry] = {}
"""`{name: entry}`, filled by importing `keras_mtkd.datasets`."""

Make = Callable[..., Problem]
F = TypeVar("F", bound=Make)


def register(
    name: str,
    summary: str,
    from_folder: Callable[[Make, Path], Problem] | None = None,
    needs_folder: bool = False,
    tasks: tuple[str, ...] = (),
    needs: str = _NOTHING,
) -> Callable[[F], F]:
    """Let a problem be known by a name, with its default settings.

    Args:
        name: The name.
        summary: What it is, in a line.
        from_folder: From the function and a folder of files to the problem; without it the problem
            takes no path.
        needs_folder: Whether it cannot be made without.
        tasks: Names of its tasks.
        needs: What has to be there, as a part of a sentence: a package, a download, a folder.

    Returns:
        A decorator of the function that makes the problem, which it gives back unchanged.
    """

    def decorate(make: F) -> F:
        def load_from(folder: Path | None) -> Problem:
            if folder is None and needs_folder:
                raise ValueError(
                    f"The problem '{name}' needs the folder of its data: {needs}. "
                    "Pass it as `path`, `--path` of the command."
                )
            if folder is not None and from_folder is None:
                raise ValueError(f"The problem '{name}' reads no files. Leave the path out.")
            return make() if folder is None or from_folder is None else from_folder(make, folder)

        PROBLEMS[name] = Entry(load_from, summary, needs_folder, tasks, needs)
        return make

    return decorate


def listed() -> list[str]:
    """All names in alphabetical order, those that cannot do without a folder last."""
    return sorted(PROBLEMS, key=lambda name: (PROBLEMS[name].needs_folder, name))


@mtkd_export("keras_mtkd.datasets.load")
def load(name: str, path: str | os.PathLike[str] | None = None) -> Problem:
    """A problem by its name, with its default settings.

    Args:
        name: One of those that `keras-mtkd problems` lists, as `"digits"` or `"nyuv2"`.
        path: Folder with the data, where the problem reads files: `mnist.npz` and
            `fashion_mnist.npz` for `"digit-and-clothing"`, which Keras downloads otherwise;
            `train` and `val` for `"nyuv2"` and `"cityscapes"`. What a problem needs is in that
            list too.

    Returns:
        The problem.

    Raises:
        ValueError: If there is no such problem, it takes no path or needs one.
        FileNotFoundError: If a file does not exist.
    """
    if name not in PROBLEMS:
        raise ValueError(unknown("problem", name, listed()))
    return PROBLEMS[name].load(None if path is None else Path(path))
