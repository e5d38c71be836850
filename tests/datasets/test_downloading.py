"""A download that fails is a sentence."""

import socket

import pytest

from keras_mtkd.datasets.downloading import downloading


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
