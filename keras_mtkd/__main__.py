"""`python -m keras_mtkd` and the `keras-mtkd` command."""

import sys

from keras_mtkd._backend.optional import check_installed


def main() -> None:
    """Run the command line, or say what to install for it."""
    try:
        check_installed("typer", "cli")
    except ImportError as error:
        sys.exit(str(error))
    from keras_mtkd.command_line.app import app

    app()


if __name__ == "__main__":
    main()
