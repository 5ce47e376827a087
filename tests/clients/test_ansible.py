"""Ansible's modules for Lightsail as they come: `ansible-playbook` against a server in another process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running_server import ZONE, RunningServer

pytestmark = pytest.mark.clients

Run = Callable[..., subprocess.CompletedProcess[str]]
Task = dict[str, Any]
Play = Callable[..., list[dict[str, Any]]]

ORDER = {"zone": ZONE, "blueprint_id": "debian_12", "bundle_id": "nano_3_0"}
WEB = {"name": "web", "state": "present", **ORDER}


@pytest.fixture
def playbook(run: Run, tools: Path, tmp_path: Path) -> Callable[..., Any]:
    """`playbook(*tasks)`: those tasks in one `ansible-playbook` on this machine; gives the process."""

    def finished(*tasks: Task, options: tuple[str, ...] = (), **more: Any) -> Any:
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks, **more}
        play["vars"] = {"ansible_python_interpreter": str(tools / "python")}
        path = tmp_path / "playbook.json"
        path.write_text(json.dumps([play]))
        return run(
            "ansible-playbook",
            *options,
            path,
            ANSIBLE_HOME=str(tmp_path / "ansible"),
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_STDOUT_CALLBACK="ansible.posix.json",
        )

    return finished


@pytest.fixture
def play(playbook: Callable[..., Any]) -> Play:
    """The same for tasks that must succeed: what each of them says."""

    def results(*tasks: Task, **more: Any) -> list[dict[str, Any]]:
        done = playbook(*tasks, **more)
        said = outcomes(done)
        assert done.returncode == 0, said[-1].get("msg", said[-1])
        return said

    return results


def outcomes(done: Any) -> list[dict[str, Any]]:
    """What each task says; a playbook ends at the first that fails."""
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    (played,) = json.loads(done.stdout)["plays"]
    return [task["hosts"]["localhost"] for task in played["tasks"]]


def instance(**arguments: Any) -> Task:
    return {"community.aws.lightsail": {**arguments}}


def snapshot(**arguments: Any) -> Task:
    return {"community.aws.lightsail_snapshot": {"snapshot_name": "copy", **arguments}}


def static_ip(**arguments: Any) -> Task:
    return {"community.aws.lightsail_static_ip": {"name": "front", **arguments}}


def changes(results: list[dict[str, Any]]) -> list[bool]:
    return [result["changed"] for result in results]


def test_an_instance_goes_through_all_its_states_and_each_is_reached_once(play: Play, lightsail: Any) -> None:
    states = ["running", "stopped", "stopped", "running", "running", "restarted", "rebooted"]
    results = play(
        instance(**WEB),
        instance(**WEB),
        *[instance(name="web", state=state) for state in states],
        instance(name="web", state="absent"),
        instance(name="web", state="absent"),
    )
    assert changes(results) == [True, False, False, True, False, True, False, True, True, True, False]
    assert [result["instance"]["state"]["name"] for result in results[:7]] == [
        "running", "running", "running", "stopped", "stopped", "running", "running",
    ]  # fmt: skip
    assert lightsail.get_instances()["instances"] == []


def test_a_pending_instance_is_waited_for(playbook: Callable[..., Any], tools: Path, tmp_path: Path) -> None:
    """At the pace "brisk", with the address as the module's own parameter."""
    with RunningServer(tmp_path) as server:
        done = playbook(
            {**instance(**WEB, endpoint_url=server.url), "register": "made"},
            {"ansible.builtin.assert": {"that": "made.instance.state.name == 'running'"}},
        )
    assert done.returncode == 0, outcomes(done)[-1].get("msg")


def test_an_instance_is_made_with_a_key_pair_user_data_and_ports(play: Play, lightsail: Any) -> None:
    lightsail.create_key_pair(keyPairName="key")
    port = {"from_port": 8080, "to_port": 8080, "protocol": "tcp", "cidrs": ["10.0.0.0/8"], "ipv6_cidrs": ["::/0"]}
    order = {**WEB, "key_pair_name": "key", "user_data": "echo hello", "public_ports": [port]}
    results = play(instance(**order), instance(**order))
    assert changes(results) == [True, False]
    found = results[1]["instance"]
    assert found["ssh_key_name"] == "key"
    (rule,) = found["networking"]["ports"]
    assert {name: rule[name] for name in port} == port


def test_a_missing_instance_is_an_error_that_names_it(playbook: Callable[..., Any]) -> None:
    done = playbook(instance(name="nobody", state="stopped"))
    assert done.returncode == 2
    (failure,) = outcomes(done)
    assert "NotFoundException" in failure["msg"]
    assert failure["error"]["code"] == "NotFoundException"
    assert "nobody" in failure["error"]["message"]


def test_an_instance_in_check_mode_is_left_to_the_module_which_skips_it(play: Play, lightsail: Any) -> None:
    (result,) = play(instance(**WEB), options=("--check",))
    assert result["skipped"]
    assert lightsail.get_instances()["instances"] == []


def test_a_snapshot_is_made_and_deleted_once(play: Play, lightsail: Any) -> None:
    results = play(
        instance(**WEB),
        snapshot(instance_name="web"),
        snapshot(instance_name="web"),
        snapshot(state="absent"),
        snapshot(state="absent"),
    )
    assert changes(results) == [True, True, False, True, False]
    made = results[1]["instance_snapshot"]
    assert (made["name"], made["state"], made["from_instance_name"]) == ("copy", "available", "web")
    assert lightsail.get_instance_snapshots()["instanceSnapshots"] == []


def test_a_snapshot_in_check_mode_would_be_made_and_is_not(play: Play, lightsail: Any) -> None:
    play(instance(**WEB))
    (result,) = play(snapshot(instance_name="web"), options=("--check",))
    assert result["changed"]
    assert lightsail.get_instance_snapshots()["instanceSnapshots"] == []


def test_a_static_ip_is_allocated_and_released_once(play: Play, lightsail: Any) -> None:
    results = play(static_ip(), static_ip(), static_ip(state="absent"), static_ip(state="absent"))
    assert changes(results) == [True, False, True, False]
    first, second = (result["static_ip"] for result in results[:2])
    assert first["ip_address"] == second["ip_address"]
    assert (first["resource_type"], first["is_attached"]) == ("StaticIp", False)
    assert lightsail.get_static_ips()["staticIps"] == []
