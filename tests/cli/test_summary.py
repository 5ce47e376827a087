"""What is said beside a listing."""

from __future__ import annotations

import shlex

import pytest

from skysail.cli import summary


def tally(states=(), token=None, pages=1):
    told = summary.Tally()
    for number in range(pages):
        page = {"instances": [{"state": {"name": state}} for state in states] if number == 0 else []}
        told.add(page if token is None else {**page, "NextToken": token})
    return told


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["running", "stopped", "pending"], "3 instances: 1 running, 1 pending, 1 stopped (still billed)"),
        (["odd", "running"] * 600, "1,200 instances: 600 running, 600 odd"),
        (["running"], "1 instance: 1 running"),
    ],
)
def test_a_summary_counts_states_in_one_order(states, told):
    assert summary.summary(tally(states), "us-east-1, profile default", 0.34) == (
        f"{told}   us-east-1, profile default, 0.3 s"
    )


def test_a_summary_names_the_columns_there_was_no_room_for():
    line = summary.summary(tally(["running"]), "us-east-1", 0, ["AGE", "BLUEPRINT"])
    assert line.endswith("\n(2 columns hidden: AGE, BLUEPRINT; -o csv has all)")


@pytest.mark.parametrize(
    ("arguments", "max_items", "is_cut", "command"),
    [
        ("instances -o jsonl --max-items 3", 3, True, "instances -o jsonl --max-items 3 --starting-token T="),
        ("instances --starting-token old -q", None, True, "instances -q --starting-token T="),
        ("instances --starting-token=old -q", None, True, "instances -q --starting-token T="),
        ("instances --max-items=9 -q", 9, False, "instances -q --max-items 7 --starting-token T="),
        ("instances --query a[?b]", None, False, "instances --query 'a[?b]' --starting-token T="),
    ],
)
def test_the_command_that_goes_on_repeats_what_was_typed(arguments, max_items, is_cut, command):
    so_far = tally(["running", "running"], "T=")
    told = summary.go_on_command(shlex.split(arguments), so_far, max_items, is_cut=is_cut)
    assert told == f"skysail {command}"


def test_before_the_first_page_the_same_command_goes_on():
    arguments = ["instances", "--starting-token", "old"]
    told = summary.go_on_command(arguments, tally(pages=0), 5, is_cut=False)
    assert told == "skysail instances --starting-token old"


@pytest.mark.parametrize(
    ("so_far", "told"),
    [
        (tally(["running"], "T="), "stopped at 1 instance; what was printed is whole. Go on: CMD"),
        (tally(pages=0), "stopped before the first page; again: CMD"),
        (tally(["running"]), "stopped behind the last of 1 instance; nothing is missing"),
    ],
)
def test_ctrl_c_is_answered_with_how_to_go_on(so_far, told):
    assert summary.interrupted(so_far, "CMD") == told


@pytest.mark.parametrize(
    ("regions", "held", "hint"),
    [
        ({"us-west-2": "12"}, 12, "The store has 12 in us-west-2: --region us-west-2"),
        (
            {"a": "20+", "b": "1", "c": "2", "d": "3"},
            99,
            "The store has 20+ in a, 1 in b, 2 in c and 1 regions more: --region a",
        ),
        ({}, 214, "The store has 214 in other accounts; the access key picks the account: "
                  "AWS_ACCESS_KEY_ID=444455556666 AWS_SECRET_ACCESS_KEY=any"),
        ({}, "more than 1,000", "The store has more than 1,000 in other accounts; the access key picks the account: "
                                "AWS_ACCESS_KEY_ID=444455556666 AWS_SECRET_ACCESS_KEY=any"),
        ({}, 0, "The store has none at all: skysail instances create --help, skysail seed --help"),
        ({}, "", None),
        ({}, None, None),
    ],
)  # fmt: skip
def test_an_empty_listing_says_where_there_are_some(regions, held, hint):
    assert summary.elsewhere(regions, held, ["444455556666", "777788889999"]) == hint
    assert summary.nothing("us-east-1", hint) == f"nothing: no instances in us-east-1.{' ' + hint if hint else ''}"
