"""Start the workers of a training: `python -m keras_mtkd.distribution --workers 2 train.py`."""

import argparse
import sys

from keras_mtkd.distribution.launcher import launch


def main() -> None:
    """Read the command line and launch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="workers on this machine")
    parser.add_argument("--hosts", help="host:port of all workers, separated by commas")
    parser.add_argument("--index", type=int, default=0, help="place of this machine in --hosts")
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    hosts = given.hosts.split(",") if given.hosts else None
    command = [sys.executable, given.script, *given.arguments]
    sys.exit(launch(command, given.workers, hosts, given.index, given.restarts))


if __name__ == "__main__":
    main()
