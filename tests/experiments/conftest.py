"""What tests of comparisons train, each once."""

import pytest


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory):
    """Directory of `comparing.run`. What one test trained another one loads."""
    return tmp_path_factory.mktemp("comparisons")
