"""The command in this process."""

from typer.testing import CliRunner

from keras_mtkd.command_line.app import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def said(result):
    """What a result says, in one line."""
    return result.output.replace("\n", " ")
