"""The resident memory of a process."""

import resource
import sys
from pathlib import Path


def peak_resident():
    """The most bytes that this process has held.

    `ru_maxrss` says something else on Linux: it lasts over `exec`, so that a process begins with
    what the one held that started it. It is taken where the kernel has no `/proc`.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        unit = 1 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 2**10
