import functools

import rich.console

from keras_mtkd._backend import listing


def test_a_list_fits_a_narrow_terminal(monkeypatch, capsys):
    narrow = functools.partial(rich.console.Console, width=40, force_terminal=True, no_color=True)
    monkeypatch.setattr(listing, "Console", lambda **given: narrow(**{**given, "width": 40}))
    listing.show_list({"scd": "word " * 30})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 40
