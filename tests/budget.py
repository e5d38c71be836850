"""What a test may cost: `--budget SECONDS` fails those that are dearer and not marked `slow`.

Processor seconds, those of processes that a test waits for included: they depend less than time
does on what else the machine does, but grow where other programs share its caches.
"""

import resource

import pytest


def processor_seconds():
    """Of this process and of the children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in used)


def add_option(parser):
    parser.addoption(
        "--budget",
        type=float,
        metavar="SECONDS",
        help="processor seconds that a test may cost, and what it shares with others likewise",
    )


class Budget:
    """Holds every test to the limit that `--budget` sets."""

    def __init__(self, limit):
        self.limit = limit

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        return (yield from self._held(item, "setup"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        return (yield from self._held(item, "body"))

    def _held(self, item, phase):
        begun = processor_seconds()
        result = yield
        spent = processor_seconds() - begun
        if spent > self.limit and not item.get_closest_marker("slow"):
            pytest.fail(
                f"The {phase} of this test took {spent:.1f} s of processor time, of at most "
                f"{self.limit:g} s: CONTRIBUTING.md says what makes tests cheap.",
                pytrace=False,
            )
        return result
