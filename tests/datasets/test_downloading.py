"""A download that fails is a sentence."""

import socket

import pytest
import requests

from keras_mtkd.datasets import downloading as downloading_module
from keras_mtkd.datasets.downloading import check_reachable, downloading


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Exception("URL fetch failure on https://there: None -- no name"), "no name"),
        (OSError("Temporary failure.\nmore lines"), "Temporary failure"),
        (ValueError(), "ValueError"),
    ],
)
def test_its_reason_and_what_to_do_instead_are_told(error, reason):
    with (
        pytest.raises(OSError, match=rf"^The set could not be downloaded: .*{reason}\. Copy it\.$"),
        downloading("The set", "Copy it."),
    ):
        raise error


def test_a_missing_package_is_told_as_it_is():
    with pytest.raises(ImportError, match="^needs this$"), downloading("The set", "Copy it."):
        raise ImportError("needs this")


@pytest.mark.parametrize("before", [None, 5.0])
def test_no_connection_is_waited_for_without_end(before, monkeypatch):
    set_before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(before)
    try:
        with downloading("The set", "Copy it."):
            assert socket.getdefaulttimeout() == (before or 60.0)
        assert socket.getdefaulttimeout() == before
    finally:
        socket.setdefaulttimeout(set_before)


@pytest.mark.parametrize(
    ("outcomes", "reached"),
    [
        ([None], True),
        ([requests.ConnectionError(), None], True),
        # It answers slowly.
        ([requests.ReadTimeout()], True),
        ([requests.ConnectTimeout()] * 3, False),
        ([requests.ConnectionError()] * 3, False),
    ],
)
def test_a_host_is_reached_if_it_can_be_connected_to(monkeypatch, outcomes, reached):
    left = list(outcomes)

    def head(url, timeout):
        outcome = left.pop(0)
        if outcome is not None:
            raise outcome
        return requests.Response()

    monkeypatch.setattr(requests, "head", head)
    monkeypatch.setattr(downloading_module.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(requests.Response, "close", lambda self: None)
    if reached:
        check_reachable("https://there.org/a")
    else:
        with pytest.raises(ConnectionError, match="^'there.org' cannot be reached$"):
            check_reachable("https://there.org/a")
    assert left == []
