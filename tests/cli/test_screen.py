"""Colour by option, environment and terminal; output that Ctrl-C does not break."""

from __future__ import annotations

import os
import signal

import pytest

from skysail.cli.screen import undisturbed, wants_colour


@pytest.mark.parametrize(
    ("choice", "is_terminal", "environ", "colour"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"CLICOLOR_FORCE": "1"}, False),
    ],
)
def test_the_option_beats_no_color_which_beats_clicolor_force(choice, is_terminal, environ, colour):
    assert wants_colour(choice, is_terminal, environ) is colour


def test_ctrl_c_takes_effect_behind_an_undisturbed_block():
    reached = []
    with pytest.raises(KeyboardInterrupt), undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end")
    assert reached == ["the end"]


def test_a_second_ctrl_c_breaks_the_block():
    reached = []
    with pytest.raises(KeyboardInterrupt), undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end")
    assert reached == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
