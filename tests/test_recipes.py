"""docs/recipes.md and the Containerfile: what examples that no shell can run would do, as far as can be seen."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import skysail
from documents import PROJECT, examples
from running_server import RunningServer, neutral_environment
from skysail.cli.serve import command as serve
from skysail.seeds.survey import survey
from skysail.seeds.terraform import configuration
from skysail.server import LocalLightsail

RECIPES = (PROJECT / "docs" / "recipes.md").read_text()
CONTAINERFILE = (PROJECT / "Containerfile").read_text()
TERRAFORM = shutil.which("terraform")
NODE = shutil.which("node")
JAVASCRIPT = PROJECT / "tests" / "javascript"


def blocks(language: str) -> list[str]:
    return [example.text for example in examples(RECIPES) if example.language == language]


def instruction(name: str) -> list[str]:
    (found,) = re.findall(rf"^{name} (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    words: list[str] = yaml.safe_load(found)
    return words


def understood(arguments: list[str]) -> dict[str, Any]:
    """What `skysail serve` takes them for."""
    return serve.make_context("serve", list(arguments), resilient_parsing=False).params


def test_the_container_serves_as_it_says() -> None:
    entry, arguments = instruction("ENTRYPOINT"), instruction("CMD")
    assert entry[:2] == ["skysail", "serve"]
    taken = understood([*entry[2:], *arguments])
    assert (taken["host"], taken["data"], taken["port"]) == ("0.0.0.0", "/data/fleet.db", 4570)


@pytest.mark.whole
def test_the_keys_in_the_container_are_taken_and_may_administer(tmp_path: Path) -> None:
    (text,) = re.findall(r"printf '(.*?)'", CONTAINERFILE)
    keys = text.replace("\\n", "\n")
    assert tomllib.loads(keys)["keys"][0]["access_key_id"] == "local"
    (tmp_path / "keys.toml").write_text(keys)
    with RunningServer(tmp_path, "--auth", "keys.toml") as server:
        handle = skysail.server_handle(server.url, aws_access_key_id="local", aws_secret_access_key="local")
        handle.clock.run(0)
        assert handle.clock.rate == 0


def test_compose_and_actions_use_options_that_there_are() -> None:
    compose, actions = (yaml.safe_load(text) for text in blocks("yaml"))
    understood([*instruction("ENTRYPOINT")[2:], *compose["services"]["lightsail"]["command"]])
    steps = [step["run"] for step in actions["jobs"]["test"]["steps"] if "run" in step]
    (line,) = [line for step in steps for line in step.splitlines() if line.startswith("skysail serve")]
    taken = understood(shlex.split(line.removesuffix("&"))[2:])
    assert taken["page_size"] == 2


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not on the PATH")
def test_terraform_takes_the_form_of_what_is_shown_and_exported(tmp_path: Path) -> None:
    with LocalLightsail() as local:
        instance = {"name": "web", "bundle": "nano_3_0", "blueprint": "nginx", "tags": {"a": "b"}, "ports": [22, 80]}
        hanging = {"static_ip": "ip", "disks": [{"name": "data", "gb": 8}], "automatic_snapshots": "06:00"}
        local.seed({"regions": {"us-east-1": {"instances": [instance | hanging]}}})
        exported = configuration([survey(local.client(), "us-east-1")], ["a fleet"])
    for text in (*blocks("terraform"), exported):
        done = subprocess.run(
            [str(TERRAFORM), "fmt", "-check", "-diff", "-"],
            input=text,
            env=neutral_environment(tmp_path),
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.whole
@pytest.mark.skipif(
    NODE is None or not (JAVASCRIPT / "node_modules").is_dir(),
    reason="node or the SDK is not here: `make test` installs it",
)
def test_javascript_reads_all_pages(tmp_path: Path) -> None:
    (text,) = blocks("javascript")
    (tmp_path / "fleet.yaml").write_text(
        "regions: {us-east-1: {instances: [{name: web, count: 5, bundle: nano_3_0, blueprint: debian_12}]}}"
    )
    with RunningServer(tmp_path, "--seed", "fleet.yaml", "--page-size", "2") as server:
        done = subprocess.run(
            [str(NODE), "--input-type=module", "--eval", text],
            cwd=JAVASCRIPT,
            env=neutral_environment(
                tmp_path,
                AWS_ENDPOINT_URL_LIGHTSAIL=server.url,
                AWS_ACCESS_KEY_ID="local",
                AWS_SECRET_ACCESS_KEY="local",
            ),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (0, "5\n"), done.stderr
