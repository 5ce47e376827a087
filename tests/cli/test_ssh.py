"""`skysail ssh`: what the system's ssh is given, and what is left behind it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import skysail
from running_server import SKYSAIL, RunningServer, neutral_environment
from skysail.cli.ssh_session import Session
from skysail.telling.logins import login

# It stands for OpenSSH's client: it writes down what it was given, and ends as it is told.
FAKE = f"""#!{sys.executable}
import json, os, stat, sys, time
from pathlib import Path
folder = Path(sys.argv[2]).parent
found = {{path.name: [path.read_text(), path.stat().st_mode & 0o777] for path in folder.iterdir()}}
told = {{"argv": sys.argv[1:], "folder": str(folder), "mode": folder.stat().st_mode & 0o777, "files": found}}
Path(os.environ["TOLD"]).write_text(json.dumps(told))
if os.environ.get("STAYS"):
    print("here", flush=True)
    time.sleep(60)
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@pytest.fixture
def system(tmp_path):
    """The environment of a system with an ssh of that kind."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "ssh"
    program.write_text(FAKE)
    program.chmod(0o755)
    return {"PATH": str(programs), "TOLD": str(tmp_path / "told.json")}


@pytest.fixture
def web(bench):
    bench.instance("web", blueprintId="ubuntu_24_04")
    bench.clock.advance(3600)
    return bench


def told_of(system):
    return json.loads(Path(system["TOLD"]).read_text())


def test_ssh_gets_a_key_a_certificate_and_the_known_host_keys_and_nothing_stays(cli, web, system):
    told = cli("ssh", "web", "--", "uptime", "-p", bench=web, environ=system)
    assert told == (0, "", "")
    found = told_of(system)
    details = web.client.get_instance_access_details(instanceName="web")["accessDetails"]
    folder = found["folder"]
    assert found["argv"] == [
        *("-i", f"{folder}/key", "-o", f"CertificateFile={folder}/key-cert.pub", "-o", "IdentitiesOnly=yes"),
        *("-o", f"UserKnownHostsFile={folder}/known_hosts", "-o", "GlobalKnownHostsFile=none"),
        *("-o", "StrictHostKeyChecking=yes", f"ubuntu@{details['ipAddress']}", "uptime", "-p"),
    ]
    assert found["mode"] == 0o700
    known = [f"{details['ipAddress']} {key['algorithm']} {key['publicKey']}\n" for key in details["hostKeys"]]
    assert found["files"] == {
        "key": [details["privateKey"], 0o600],
        "key-cert.pub": [details["certKey"] + "\n", 0o600],
        "known_hosts": ["".join(known), 0o600],
    }
    assert len(known) == 3
    assert not Path(folder).exists()


@pytest.mark.parametrize("status", [1, 42, 255])
def test_the_exit_status_is_that_of_ssh(cli, web, system, status):
    told = cli("ssh", "web", bench=web, environ={**system, "STATUS": str(status)})
    assert told.status == status
    assert not Path(told_of(system)["folder"]).exists()


def test_where_ssh_fails_and_few_may_come_in_these_are_named(cli, web, system):
    ports = [{"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["198.51.100.0/24"]}]
    web.client.put_instance_public_ports(instanceName="web", portInfos=ports)
    told = cli("ssh", "web", bench=web, environ={**system, "STATUS": "255"})
    assert told == (255, "", "its port 22 is open to 198.51.100.0/24 only: are you there?\n")


def test_openssh_itself_can_read_what_it_is_given(cli, web, system, tmp_path):
    keys = tmp_path / "keys"
    assert cli("ssh", "web", "--keys", str(keys), "--print", bench=web, environ=system).status == 0
    tools = {name: subprocess.run(["which", name], capture_output=True).returncode for name in ("ssh-keygen", "ssh")}
    if any(tools.values()):
        pytest.skip("OpenSSH's client is not installed")

    def keygen(*words):
        return subprocess.run(["ssh-keygen", *words], capture_output=True, text=True, check=True).stdout

    public = keygen("-y", "-f", str(keys / "key")).split()[:2]
    certificate = keygen("-L", "-f", str(keys / "key-cert.pub"))
    assert "user certificate" in certificate
    assert keygen("-lf", str(keys / "key")).split()[1] in certificate
    assert public[0] == "ssh-rsa"
    address = web.get("web")["publicIpAddress"]
    assert "ED25519" in keygen("-l", "-F", address, "-f", str(keys / "known_hosts"))


@pytest.mark.skipif(shutil.which("ssh") is None, reason="OpenSSH's client is not installed")
def test_openssh_itself_takes_the_options_as_they_are_meant(cli, web, system, tmp_path):
    keys = tmp_path / "my keys"
    told = cli("ssh", "web", "--keys", str(keys), "--print", "--", "-L", "8080:localhost:80", "uptime", bench=web,
               environ=system)  # fmt: skip
    words = shlex.split(told.out)
    asked = [shutil.which("ssh"), "-F", "none", "-G", *words[1:]]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()
    assert {
        f"host {web.get('web')['publicIpAddress']}",
        "user ubuntu",
        "identitiesonly yes",
        "stricthostkeychecking true",
        "globalknownhostsfile none",
        f"userknownhostsfile {keys}/known_hosts",
        f"certificatefile {keys}/key-cert.pub",
        f"identityfile {keys}/key",
        "localforward 8080 [localhost]:80",
    } <= set(found)


@pytest.mark.parametrize("text", ["-oProxyCommand=touch pwned;", "-l", "a b", "$(id)", "", "a\nb", "a@b"])
def test_nothing_that_a_service_answers_is_an_option_of_ssh(text):
    """OpenSSH itself runs what such a user's name asks for, where a remote command is behind it."""
    details = {"username": "ubuntu", "privateKey": "k", "certKey": "c"}
    with pytest.raises(skysail.errors.AnswerError, match="no name of a user"):
        Session("ssh", {**details, "username": text}, "192.0.2.1", 22, False, ["uptime"])
    for address in (text, f"fe80::1%{text}"):
        with pytest.raises(skysail.errors.AnswerError, match="no address"):
            Session("ssh", details, address, 22, False, ["uptime"])
    Session("ssh", details, "2001:db8::1", 22, False, [])
    assert login(text, "192.0.2.1") == login("ubuntu", text) == ""
    assert login("ubuntu", "192.0.2.1") == "ubuntu@192.0.2.1"


def test_print_shows_the_command_and_begins_nothing(cli, web, system):
    told = cli("ssh", "web", "--print", "--port", "2222", "--", "ls my dir", bench=web, environ=system)
    assert told.status == 1  # nobody may come in by 2222
    told = cli("ssh", "web", "--print", "--", "ls my dir", bench=web, environ=system)
    assert told.status == 0
    words = shlex.split(told.out)
    assert words[:3] == ["ssh", "-i", "KEYS/key"]
    assert words[-1] == "ls my dir"
    assert told.err == "nothing was written; --keys FOLDER writes what stands in KEYS\n"
    assert not Path(system["TOLD"]).exists()


def test_keys_are_left_for_other_programs(cli, web, system, tmp_path):
    keys = tmp_path / "my keys"
    told = cli("ssh", "web", "--keys", str(keys), "--print", bench=web, environ=system)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {
        "key": 0o600,
        "key-cert.pub": 0o600,
        "known_hosts": 0o600,
    }
    assert f'UserKnownHostsFile="{keys}/known_hosts"' in shlex.split(told.out)
    assert told.err.startswith(f"{keys} has what it needs, good until ")
    assert cli("ssh", "web", "--keys", str(keys), bench=web, environ=system).status == 0  # over those that are there
    assert keys.exists()


def test_another_port_is_in_the_command_and_in_the_known_hosts(cli, web, system):
    web.client.open_instance_public_ports(
        instanceName="web", portInfo={"fromPort": 2000, "toPort": 3000, "protocol": "tcp"}
    )
    assert cli("ssh", "web", "--port", "2222", bench=web, environ=system).status == 0
    found = told_of(system)
    address = web.get("web")["publicIpAddress"]
    assert found["argv"][-3:] == ["-p", "2222", f"ubuntu@{address}"]
    assert found["files"]["known_hosts"][0].startswith(f"[{address}]:2222 ssh-rsa ")


def test_ipv6_goes_to_the_other_address(cli, web, system):
    assert cli("ssh", "web", "--ipv6", bench=web, environ=system).status == 0
    assert told_of(system)["argv"][-1] == f"ubuntu@{web.get('web')['ipv6Addresses'][0]}"


def test_where_no_host_key_is_known_it_says_so_and_accept_new_believes_the_first(cli, bench, system):
    bench.instance("new", "pending")
    while bench.state("new") != "running":
        bench.clock.advance(1)
    told = cli("ssh", "new", bench=bench, environ=system)
    assert told.status == 1
    assert told.err.endswith("a while after the first start — try again in a minute, or --accept-new\n")
    assert cli("ssh", "new", "--accept-new", bench=bench, environ=system).status == 0
    found = told_of(system)
    assert "StrictHostKeyChecking=accept-new" in found["argv"]
    assert found["files"]["known_hosts"][0] == ""


def closed(bench, **info):
    bench.client.put_instance_public_ports(
        instanceName="web", portInfos=[{"fromPort": 80, "toPort": 80, "protocol": "tcp"}, *([info] if info else [])]
    )


@pytest.mark.parametrize(
    ("prepare", "words", "line"),
    [
        (
            lambda bench: bench.client.stop_instance(instanceName="web"),
            ["web"],
            "web is stopping, and nothing answers there — try again in a minute",
        ),
        (closed, ["web"], "port 22 of web is closed — skysail ports open web 22/tcp"),
        (
            lambda bench: closed(bench, fromPort=22, toPort=22, protocol="tcp", cidrListAliases=["lightsail-connect"]),
            ["web"],
            "port 22 of web is open to lightsail-connect only, the terminal in the browser — "
            "skysail ports open web 22/tcp",
        ),
        (
            lambda bench: bench.instance("win", blueprintId="windows_server_2022", bundleId="small_win_3_0"),
            ["win"],
            "win has Windows, which is reached by RDP — "
            "skysail call GetInstanceAccessDetails instanceName=win protocol=rdp",
        ),
        (
            lambda bench: bench.client.set_ip_address_type(
                resourceType="Instance", resourceName="web", ipAddressType="ipv4"
            ),
            ["web", "--ipv6"],
            "web has no IPv6 address — skysail instances show web",
        ),
        (lambda bench: None, ["wbe"], "there is no instance wbe — did you mean web?"),
    ],
)
def test_where_nobody_could_come_in_it_is_told_why_and_what_to_do(cli, web, system, prepare, words, line):
    prepare(web)
    told = cli("ssh", *words, bench=web, environ=system)
    assert (told.status, told.err) == (1, f"error: us-east-1 (default): {line}\n")
    assert not Path(system["TOLD"]).exists()


def test_a_system_without_ssh_is_told(cli, web, tmp_path):
    told = cli("ssh", "web", bench=web, environ={"PATH": str(tmp_path)})
    assert told == (
        2,
        "",
        "error: there is no program ssh on the PATH — install OpenSSH's client, or look by --print\n",
    )


@pytest.mark.whole
def test_the_key_is_removed_when_the_terminal_goes_away(tmp_path, system):
    with RunningServer(tmp_path, "--clock", "manual") as server:
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        client = skysail.client("lightsail", endpoint_url=server.url, region_name="us-east-1", **keys)
        client.create_instances(
            instanceNames=["web"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
        )
        skysail.server_handle(server.url).clock.advance(3600)
        path = f"{system['PATH']}{os.pathsep}{os.environ['PATH']}"
        environment = neutral_environment(
            tmp_path, **{**system, "PATH": path, "STAYS": "1"}, AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local"
        )
        words = ["ssh", "web", "--endpoint", server.url, "--region", "us-east-1"]
        process = subprocess.Popen(
            [SKYSAIL, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        folder = Path(told_of(system)["folder"])
        assert folder.exists()
        assert process.stderr is not None
        assert "a local Lightsail has no machine behind it" in process.stderr.readline(), "before ssh waits for it"
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 128 + signal.SIGHUP
        process.stdout.close()
        process.stderr.close()
        assert not folder.exists()
