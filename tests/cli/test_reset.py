"""`skysail reset`: asks who can be asked, and nobody loses anything without a yes."""

from __future__ import annotations

import pytest

import skysail
from bench import ORDER, Bench
from pseudo_terminal import Terminal
from running_server import RunningServer, neutral_environment
from skysail.cli.reset import question

URL = "http://127.0.0.1:4570"


@pytest.fixture
def fleet(bench: Bench) -> Bench:
    bench.create("web")
    bench.lightsail.client(access_key_id="111122223333").create_instances(instanceNames=["theirs"], **ORDER)
    return bench


def test_a_script_that_does_not_say_yes_forgets_nothing(cli, fleet):
    told = cli("reset", bench=fleet)
    assert told == (2, "", "error: reset forgets everything, and nobody can be asked — skysail reset --yes\n")
    assert fleet.names() == ["web"]


def test_yes_forgets_everything(cli, fleet):
    assert cli("reset", "--yes", bench=fleet) == (0, "", f"{URL}: everything is forgotten\n")
    assert fleet.names() == []


def test_one_account_is_forgotten_and_the_others_stay(cli, fleet):
    told = cli("reset", "--yes", "--account", "111122223333", bench=fleet)
    assert told.err == f"{URL}: account 111122223333 is forgotten\n"
    assert fleet.names() == ["web"]
    told = cli("reset", "--yes", "--account", "mine", bench=fleet)
    assert told == (2, "", "error: an account is 12 digits, not mine\n")


@pytest.mark.parametrize(
    ("health", "account", "text"),
    [
        (
            {"store": "memory", "instances": "more than 1,000"},
            None,
            " (memory, more than 1,000 instances): everything in it",
        ),
        ({"store": "f.db", "instances": 2}, "111122223333", " (f.db, 2 instances): all of account 111122223333"),
        ({"status": "ready"}, None, ": everything in it"),
    ],
)
def test_the_question_says_what_is_known_of_what_would_be_lost(health, account, text):
    assert question(URL, health, account) == f"{URL}{text} would be forgotten. This can't be undone."


@pytest.mark.parametrize(
    ("answer", "left", "told"), [("y", 0, "everything is forgotten"), ("n", 1, "nothing was changed")]
)
def test_somebody_at_a_terminal_is_asked_with_what_would_be_lost(tmp_path, answer, left, told):
    with RunningServer(tmp_path, "--data", "fleet.db") as server:
        client = skysail.client(endpoint_url=server.url)
        client.create_instances(instanceNames=["web"], **ORDER)
        program = f"from skysail.cli.main import main; main(['reset', '--endpoint', {server.url!r}])"
        terminal = Terminal(program, neutral_environment(tmp_path), columns=200)
        terminal.read_until("Forget it? [y/N]: ")
        assert f"{server.url} (" in terminal.shown
        assert "1 instance): everything in it would be forgotten. This can't be undone.\n" in terminal.shown
        terminal.type(f"{answer}\n")
        assert terminal.finish() == 0
        assert told in terminal.shown
        assert len(client.get_instances()["instances"]) == left


def test_a_key_that_may_not_administer_is_told_so(cli, tmp_path, monkeypatch):
    (tmp_path / "keys.toml").write_text(
        '[[keys]]\naccess_key_id = "AKIAUSER"\nsecret_access_key = "s3cret"\naccount = "111122223333"\n'
        '[[keys]]\naccess_key_id = "AKIAADMIN"\nsecret_access_key = "s3cret"\naccount = "111122223333"\nadmin = true\n'
    )
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    with RunningServer(tmp_path, "--auth", "keys.toml") as server:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSER")
        told = cli("reset", "--yes", "--endpoint", server.url)
        assert (told.status, told.err.count("\n")) == (1, 1)
        assert "may not administer" in told.err
        assert "s3cret" not in told.err
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAADMIN")
        assert cli("reset", "--yes", "--endpoint", server.url).status == 0
