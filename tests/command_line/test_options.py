"""Options that several commands take have bounds."""

import pytest

from command_line.running import run


@pytest.mark.parametrize("command", ["demo", "compare"])
@pytest.mark.parametrize(
    "given", [("--seeds", "0"), ("--seeds", "1001"), ("--epochs", "0"), ("--directory",)]
)
def test_what_is_out_of_bounds_is_wrong_usage(command, given):
    result = run(command, *given)
    assert result.exit_code == 2
    assert given[0] in result.output
