"""A few seconds of `make soak`: many clients at once, and nobody meets an error that was not asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from soak import soak


@pytest.mark.whole
def test_many_clients_meet_no_error_that_was_not_asked_for(tmp_path: Path) -> None:
    result = soak(tmp_path, seconds=2, clients=16, options=[], seed=1)
    assert not result.troubles
    assert result.asked.total() > 100
    assert result.memory
