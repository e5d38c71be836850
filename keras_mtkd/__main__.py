"""`python -m keras_mtkd` and the `keras-mtkd` command."""

import sys

from keras_mtkd._backend.optional import require


def main() -> None:
    """Run the command line, or say what to install for it."""
    try:
        for module in ("typer", "pandas", "matplotlib", "sklearn"):
            require(module, "cli")
    except ImportError as error:
        sys.exit(str(error))
    from keras_mtkd.experiments.cli import app

    app()


if __name__ == "__main__":
    main()
