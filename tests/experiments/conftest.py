"""What tests of comparisons train, each once."""

import pytest

from experiments.comparing import WITH_SCD, run


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory):
    """Directory of `comparing.run`. What one test trained another one loads."""
    return tmp_path_factory.mktemp("comparisons")


@pytest.fixture(scope="session")
def with_scd(kept_runs):
    """That directory, and the comparison of `WITH_SCD` in it."""
    return kept_runs, run(kept_runs, WITH_SCD)
