"""Downloads that fail say what was wanted and how to do without."""

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from keras_mtkd._backend.optional import require

# For an answer, not for all of the data: a connection that is silent for so long is dead.
_SECONDS = 60.0
# Names are not found now and then on networks that are there. Between attempts, in seconds.
_PAUSES = (0.5, 1.5)
# For a connection, far more than the slowest networks take.
_CONNECTING = 20.0


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


def check_reachable(url: str) -> None:
    """Refuse an address whose host cannot be connected to, before a library tries for minutes.

    Whatever the host answers, and however slowly, is left to who downloads. Proxies that the
    environment names are used.

    Args:
        url: The address, of `http` or `https`.

    Raises:
        ConnectionError: If there was no connection in three attempts.
    """
    requests = require("requests", "datasets")
    for pause in (*_PAUSES, None):
        try:
            requests.head(url, timeout=_CONNECTING).close()
        except requests.ReadTimeout:
            return
        except requests.ConnectionError as error:
            if pause is None:
                raise ConnectionError(f"'{urlsplit(url).hostname}' cannot be reached") from error
            time.sleep(pause)
        else:
            return
