"""`skysail ports`: what would be opened and closed is shown before it happens, and nothing else changes."""

from __future__ import annotations

import pytest

from skysail.errors import UsageError
from skysail.telling.firewall import port_infos, rules_of, told, written


@pytest.fixture
def web(bench):
    bench.instance("web")
    bench.client.put_instance_public_ports(
        instanceName="web",
        portInfos=[
            {"fromPort": 22, "toPort": 22, "protocol": "tcp"},
            {"fromPort": 8000, "toPort": 8000, "protocol": "tcp"},
        ],
    )
    return bench


def rules(bench):
    found = rules_of(bench.client.get_instance_port_states(instanceName="web")["portStates"])
    return {str(port): told(sources) for port, sources in found.items()}


def test_set_shows_what_changes_and_closes_what_it_does_not_name(cli, web):
    words = ("22/tcp@198.51.100.0/24", "443/tcp")
    told = cli("ports", "set", "web", *words, "--yes", bench=web)
    assert told == (
        0,
        "",
        "  22/tcp    anywhere -> 198.51.100.0/24\n"
        "  443/tcp   + anywhere\n"
        "- 8000/tcp  anywhere\n"
        "web: 2 open, all others closed   us-east-1, profile default\n",
    )
    assert rules(web) == {"22/tcp": "198.51.100.0/24", "443/tcp": "anywhere"}
    again = cli("ports", "set", "web", *words, "--yes", bench=web)
    assert again.err == "web: nothing to change   us-east-1, profile default\n"


def test_open_and_close_leave_the_others_alone(cli, web):
    opened = cli("ports", "open", "web", "9000-9010/udp@2001:db8::/32", "--yes", bench=web)
    assert opened.err.splitlines() == [
        "  9000-9010/udp  + 2001:db8::/32",
        "web: 3 open, all others closed   us-east-1, profile default",
    ]
    assert rules(web) == {"22/tcp": "anywhere", "8000/tcp": "anywhere", "9000-9010/udp": "2001:db8::/32"}
    assert cli("ports", "close", "web", "8000/tcp", "--yes", bench=web).status == 0
    assert set(rules(web)) == {"22/tcp", "9000-9010/udp"}


@pytest.mark.parametrize("options", [("--dry-run",), ()])
def test_without_a_yes_nothing_changes(cli, web, options):
    before = rules(web)
    told = cli("ports", "close", "web", "22/tcp", *options, bench=web)
    assert told.status == (0 if options else 2)
    assert "- 22/tcp    anywhere\n" in (told.out if options else told.err)
    assert rules(web) == before


def test_show_is_a_line_a_rule(cli, web):
    assert sorted(cli("ports", "show", "web", bench=web).out.splitlines()) == [
        "22/tcp    anywhere",
        "8000/tcp  anywhere",
    ]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["set", "web"], "error: which ports is it to set? — skysail ports set web 22/tcp"),
        (["show", "web", "22/tcp"], "error: show takes no ports — skysail ports --help"),
        (["close", "web", "443/tcp"], "error: web has no rule 443/tcp — skysail ports show web"),
        (["set", "web", "ssh"], "error: ssh is no port — such as 22/tcp"),
        (["set", "web", "tcp"], "error: tcp names no port — 22/tcp, or all of them: 0-65535/tcp"),
        (["set", "web", "1/icmp"], "error: 1/icmp: icmp has no port numbers — icmp"),
        (["set", "web", "90-80/tcp"], "error: 90-80/tcp: ports go upwards, and to 65535"),
        (["set", "web", "1-70000/tcp"], "error: 1-70000/tcp: ports go upwards, and to 65535"),
    ],
)
def test_what_is_no_port_is_told_in_one_line(cli, web, words, line):
    told = cli("ports", *words, "--yes", bench=web)
    assert (told.status, told.err.startswith(line), told.err.count("\n")) == (2, True, 1), told.err


@pytest.mark.parametrize(
    "text", ["22/tcp", "22/tcp@198.51.100.0/24,2001:db8::/32", "22/tcp@lightsail-connect", "icmp", "all"]
)
def test_what_is_written_is_what_the_service_takes(cli, web, text):
    assert cli("ports", "set", "web", text, "--yes", bench=web).status == 0
    found = rules_of(web.client.get_instance_port_states(instanceName="web")["portStates"])
    assert port_infos(found) == port_infos(written([text]))


def test_a_number_alone_is_of_tcp():
    assert written(["22", "8000-8010@192.0.2.1/32"]) == written(["22/tcp", "8000-8010/tcp@192.0.2.1/32"])


def test_sources_of_one_port_are_put_together():
    assert list(written(["22/tcp@192.0.2.1/32", "22/TCP@192.0.2.2/32"]).values()) == [("192.0.2.1/32", "192.0.2.2/32")]
    with pytest.raises(UsageError, match="no port"):
        written(["22/tcp@", "22/"])
