"""Files that hold what the AWS CLI printed."""

from __future__ import annotations

import json

import pytest

from skysail.cli.instance_files import files_in, read

PAGE = {"instances": [{"name": "a"}, {"name": "b"}]}


def found_in(tmp_path, text):
    path = tmp_path / "f.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found, refused = read(path)
    shown = [(one.where.removeprefix(str(path)), one.document["name"]) for one in found]
    return shown, [(one.where.removeprefix(str(path)), one.why) for one in refused]


def test_documents_stand_one_behind_the_other_and_are_told_by_their_line(tmp_path):
    text = json.dumps(PAGE, indent=4) + "\n" + json.dumps({"name": "c"}) + '{"name": "d"}\n\n'
    assert found_in(tmp_path, "\ufeff" + text) == (
        [(":1, instance 1", "a"), (":1, instance 2", "b"), (":11", "c"), (":11", "d")],
        [],
    )


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ('{"name": "a"}\n{"name": \n', ":3", "not JSON: Expecting value (column 1)"),
        ('{"name": "a"}\n{"name": NaN}\n', ":2", "not JSON: NaN is not JSON (column 1)"),
        ('{"name": "a"}\n' + "[" * 100_000, "", "the JSON behind line 1 is nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused_by_line_and_what_came_before_is_kept(tmp_path, text, where, why):
    assert found_in(tmp_path, text) == ([(":1", "a")], [(where, why)])


@pytest.mark.parametrize(
    ("text", "why"), [("", "it is empty"), (b" \n", "it is empty"), (b"\xff", "it is not UTF-8 (byte 0)")]
)
def test_a_file_without_text_is_refused(tmp_path, text, why):
    assert found_in(tmp_path, text) == ([], [("", why)])


def test_a_folder_is_its_json_files_with_page_10_behind_page_9(tmp_path):
    for name in ("page-10.json", "page-9.json", "b.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "inner.json").mkdir()
    single = tmp_path / "notes.txt"
    assert [file.name for file in files_in([tmp_path, single])] == [
        "b.jsonl", "page-9.json", "page-10.json", "notes.txt",
    ]  # fmt: skip
