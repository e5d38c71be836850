"""Bad input, missing packages and Ctrl-C as a message and an exit code."""

import contextlib
from collections.abc import Iterator

import typer


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turn bad input and Ctrl-C into a message and an exit code."""
    try:
        yield
    except KeyboardInterrupt as error:
        _print("\nInterrupted. Finished results are kept: run the same command to go on.")
        raise typer.Exit(130) from error
    except (ValueError, OSError, ImportError) as error:
        _print("[bold red]Error:[/bold red]", end=" ")
        _print(str(error), markup=False)
        raise typer.Exit(1) from error


def _print(text: str, **options: str | bool) -> None:
    from rich.console import Console

    Console(stderr=True, soft_wrap=True, highlight=False).print(text, **options)  # type: ignore[arg-type]
