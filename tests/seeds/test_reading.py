"""Seeds from text: what they say, and what is said of those that are wrong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.errors import SeedError
from skysail.seeds.fleets import seed
from skysail.seeds.format import Seed, schema
from skysail.seeds.reading import parsed
from skysail.seeds.sources import sown
from skysail.seeds.told_apart import is_seed
from skysail.seeds.writing import written

INSTANCE = "{name: web, bundle: nano_3_0, blueprint: debian_12"


def fault(text: str) -> str:
    with pytest.raises(SeedError) as raised:
        parsed(text, "fleet.yaml")
    return str(raised.value)


def in_region(items: str) -> str:
    return f"regions:\n  us-east-1:\n    {items}\n"


WRONG = {
    "no YAML": ("a: [", "fleet.yaml:2: did not find expected node content"),
    "nothing": ("# only a comment\n", "fleet.yaml is empty"),
    "a number": ("5", "fleet.yaml: a seed is a mapping with regions:, not 5"),
    "a list": ("- 1", "not a list"),
    "an unknown member": ("region: {}", "fleet.yaml:1: there is no region; there are regions, account"),
    "regions as a list": ("regions: [us-east-1]", "fleet.yaml:1: regions: maps names of regions, as us-east-1"),
    "a region as text": ("regions:\n  us-east-1: many", "fleet.yaml:2: a region is a mapping of lists, not text"),
    "an unknown list": (in_region("machines: []"), "fleet.yaml:3: there is no machines; there are key_pairs"),
    "no list": (in_region("instances: 5"), "fleet.yaml:3: instances is a list, not 5"),
    "an item that is text": (in_region("instances: [web]"), "fleet.yaml:3: expected a mapping, got str"),
    "a missing member": (in_region("instances: [{name: web, bundle: x}]"), "fleet.yaml:3: blueprint is missing"),
    "a member misspelt": (in_region(f"instances: [{INSTANCE}, cuont: 3}}]"), "there is no cuont; there are name"),
    "a text that is a number": (
        in_region("instances:\n      - name: web\n        bundle: 3\n        blueprint: x"), ":5: bundle: expected str"
    ),
    "inside an item": (
        in_region(f"instances:\n      - {INSTANCE},\n         disks: [{{name: d, gb: big}}]}}"),
        ":5: disks.0.gb: expected int"
    ),
    "too few": (in_region(f"instances: [{INSTANCE}, count: 0}}]"), "count: expected int >= 1"),
    "a key twice": ("account: '1'\naccount: '2'", "fleet.yaml:2: account stands here a second time"),
    "an account that is none": ("account: '123'\nregions: {}", "fleet.yaml:1: account: expected str matching"),
    "an alias in itself": ("&a [*a]", "this is too deep, or too much"),
    "a key that is a list": ("? [a]\n: b", "a key is a word"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    assert said in fault(text)


def test_all_faults_are_told_at_once() -> None:
    said = fault(in_region(f"instances:\n      - {INSTANCE}, age: 5}}\n      - {{name: db}}"))
    assert said.splitlines() == ["fleet.yaml:4: age: expected str, got int", "fleet.yaml:5: bundle is missing"]


def test_a_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too much" in fault("\n".join(lines))


def test_words_that_other_yaml_takes_for_something_else_are_text() -> None:
    (one,) = parsed(
        in_region(f"instances: [{INSTANCE}, automatic_snapshots: 16:00, tags: {{yes: no, on: 2024-01-01}}}}]"), "x"
    )
    (instance,) = one.seed.regions["us-east-1"].instances
    assert instance.automatic_snapshots == "16:00"
    assert instance.tags == {"yes": "no", "on": "2024-01-01"}


def test_json_is_read_too_and_documents_are_accounts() -> None:
    (one,) = parsed('{"account": "111122223333", "regions": {}}', "fleet.json")
    assert one.seed == Seed({}, "111122223333")
    accounts = parsed("account: '111122223333'\n---\naccount: '444455556666'", "fleet.yaml")
    assert [sown.seed.account for sown in accounts] == ["111122223333", "444455556666"]


def test_merges_bring_what_several_have_in_common() -> None:
    text = in_region(
        "instances:\n      - &web {name: web, bundle: nano_3_0, blueprint: nginx}\n      - {<<: *web, name: shop}"
    )
    (one,) = parsed(text, "x")
    assert [(each.name, each.blueprint) for each in one.seed.regions["us-east-1"].instances] == [
        ("web", "nginx"),
        ("shop", "nginx"),
    ]


@given(st.text(max_size=200))
def test_any_text_is_a_seed_or_refused(text: str) -> None:
    with suppress(SeedError):
        parsed(text, "x")


@given(st.integers(0, 200), st.integers(0, 5))
def test_what_is_written_is_read_as_the_same(instances: int, random_seed: int) -> None:
    made = seed(instances, ["us-east-1", "ap-south-1"], random_seed=random_seed)
    (one,) = parsed(written([made]), "x")
    assert one.seed == made


def test_a_file_tells_by_its_beginning_what_it_is(tmp_path: Path) -> None:
    for name, text, expected in (
        ("a.yaml", "anything", True),
        ("a.yml", "", True),
        ("a.json", ' {\n "regions": {}}', True),
        ("b.json", '{"$schema": "x"}', True),
        ("c.json", '{"instances": []}', False),
        ("d.json", "[]", False),
    ):
        (tmp_path / name).write_text(text)
        assert is_seed(tmp_path / name) is expected, name
    assert not is_seed(tmp_path / "absent.json")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"cannot read the seed .*absent.yaml: No such file"):
        sown(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xe9")
    with pytest.raises(SeedError, match="not text in UTF-8"):
        sown(str(tmp_path / "latin.yaml"))


def test_the_schema_has_all_that_there_is() -> None:
    assert set(schema()["$defs"]) >= {"Seed", "Region", "Instance", "Disk", "KeyPair", "StaticIp", "Call"}
    assert schema()["$defs"]["Instance"]["required"] == ["name", "bundle", "blueprint"]
