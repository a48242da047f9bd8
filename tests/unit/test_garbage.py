"""Garbage is collected seldom for a while, and as before afterwards."""

import gc

import pytest

from pipelines.garbage import SELDOM, seldom_collected


def test_what_was_set_before_holds_again_also_after_an_error(monkeypatch: pytest.MonkeyPatch):
    # Through monkeypatch, since the tests themselves collect seldom and go on doing so.
    held = [(700, 10, 10)]
    monkeypatch.setattr(gc, "get_threshold", lambda: held[-1])
    monkeypatch.setattr(gc, "set_threshold", lambda *new: held.append(new))
    with pytest.raises(ValueError, match="oops"), seldom_collected():
        int("oops")
    assert held == [(700, 10, 10), SELDOM, (700, 10, 10)]
