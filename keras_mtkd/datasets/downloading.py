"""Downloads that fail say what was wanted and how to do without."""

import contextlib
import socket
from collections.abc import Iterator

# For an answer, not for all of the data: a connection that is silent for so long is dead.
_SECONDS = 60.0


@contextlib.contextmanager
def downloading(what: str, instead: str) -> Iterator[None]:
    """Turn whatever a download raises into one sentence, and wait for no dead connection.

    Args:
        what: What is downloaded.
        instead: How to do without a network, a sentence.

    Raises:
        OSError: If what is done inside fails, for another reason than a missing package.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS if before is None else before)
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise OSError(f"{what} could not be downloaded: {reason}. {instead}") from error
    finally:
        socket.setdefaulttimeout(before)
