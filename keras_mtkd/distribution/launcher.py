"""Start the workers of a training, and start them again when one dies."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names

_POLL = 0.2


@mtkd_export("keras_mtkd.distribution.launch")
def launch(
    command: Sequence[str],
    workers: int = 2,
    hosts: Sequence[str] | None = None,
    index: int = 0,
    restarts: int = 3,
) -> int:
    """Run a command once for every worker, each with its `TF_CONFIG`.

    TensorFlow's collectives cannot lose a member. So when a worker dies, the others are stopped and
    all are started again; with `callbacks.BackupAndRestore` they go on after the last epoch that
    all of them finished.

    Args:
        command: Program and arguments, such as `["python", "train.py"]`.
        workers: Number of workers on this machine, if `hosts` is not given.
        hosts: `host:port` of all workers on several machines, the same list on each. This process
            then runs the one at `index`.
        index: Place of this machine in `hosts`.
        restarts: How often to start again.

    Returns:
        0 when all workers have ended well, else the exit status of the one that failed last.

    Raises:
        TypeError: If `hosts` is one text.
        ValueError: If there is no worker or `index` is not in `hosts`.
    """
    check_names("hosts", hosts)
    if hosts is None and workers < 1:
        raise ValueError(f"`workers` must be positive. Received: workers={workers}.")
    if hosts is not None and not 0 <= index < len(hosts):
        raise ValueError(f"`index` must be 0 to {len(hosts) - 1}. Received: index={index}.")
    status = 0
    for attempt in range(restarts + 1):
        # New ports on this machine: the old ones may linger.
        addresses = list(hosts) if hosts is not None else _loopback(workers)
        indices = range(workers) if hosts is None else [index]
        status = _run(command, addresses, indices)
        if status == 0:
            return 0
        if attempt < restarts:
            print(f"A worker ended with status {status}; starting again.", file=sys.stderr)
    return status


def _run(command: Sequence[str], addresses: Sequence[str], indices: Sequence[int]) -> int:
    """Run workers until all have ended well or one has not; none is left behind."""
    processes = []
    try:
        for index in indices:
            config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            environment = {**os.environ, "TF_CONFIG": json.dumps(config)}
            processes.append(subprocess.Popen(command, env=environment))
        while True:
            states = [process.poll() for process in processes]
            failed = [state for state in states if state]
            if failed or all(state == 0 for state in states):
                return failed[0] if failed else 0
            time.sleep(_POLL)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _loopback(count: int) -> list[str]:
    """Addresses with free ports on this machine."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    finally:
        for each in sockets:
            each.close()
