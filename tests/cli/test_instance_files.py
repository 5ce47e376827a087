"""Files that hold what the AWS CLI printed."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skysail.cli.instance_files import files_in, read
from skysail.service.importing import Found, Refusal, Where, instances_in

PAGE = {"instances": [{"name": "a"}, {"name": "b"}]}


def document_of(found):
    return json.loads(found.ready.document) if found.ready else found.document


def where_in(path, one):
    return str(one.where).removeprefix(str(path))


def found_in(tmp_path, text):
    path = tmp_path / "f.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = list(read(path))
    shown = [(where_in(path, one), document_of(one)["name"]) for one in found if isinstance(one, Found)]
    return shown, [(where_in(path, one), one.why) for one in found if isinstance(one, Refusal)]


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


# --- any size, any form -------------------------------------------------------------------------------------

INSTANCES = st.lists(
    st.fixed_dictionaries(
        {"name": st.text(min_size=1, max_size=5)},
        optional={
            "tags": st.lists(st.fixed_dictionaries({"key": st.sampled_from(['},\n{"name":', "}", "k", "\ud800"])})),
            "hardware": st.just({"disks": [{"name": "a"}, {"name": "b"}, {"path": "/dev/xvda"}]}),
            "unknown": st.sampled_from([{"name": [{}, {"name": 1}]}, None, 1.5]),
            "padding": st.integers(0, 300).map(lambda size: "x" * size),
        },
    )
    | st.sampled_from([7, [], {}, "}", None, {"instances": [1]}]),
    max_size=8,
)
FORMS = {
    "a page": lambda listed, **form: json.dumps({"instances": listed}, **form),
    "a page that goes on": lambda listed, **form: json.dumps({"instances": listed, "NextToken": "]}"}, **form),
    "a page with its token first": lambda listed, **form: json.dumps({"a": 1, "instances": listed}, **form),
    "a list": lambda listed, **form: json.dumps(listed, **form),
    "lines": lambda listed, **form: "\n".join(json.dumps(one, **form) for one in listed),
    "one": lambda listed, **form: json.dumps({"instance": listed[0] if listed else {}}, **form),
}
FILES = st.lists(
    st.tuples(
        INSTANCES,
        st.sampled_from(list(FORMS)),
        st.sampled_from([None, 0, 4]),
        st.booleans(),
        st.sampled_from(["", "\n", "\n\n", " "]),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda parts: "".join(
        FORMS[form](listed, indent=indent, ensure_ascii=ascii) + (behind or "\n")
        for listed, form, indent, ascii, behind in parts
    ).encode(errors="replace")
)
AT_ONCE = st.sampled_from([256, 1024, 4096, 4_194_304])


def parsed(path, raw):
    """The same by parsing all of it: where and what each instance is, and what is not JSON."""
    text, at, decoder = raw.decode(), 0, json.JSONDecoder()
    found = []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        try:
            document, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            return found, (f":{error.lineno}", f"not JSON: {error.msg} (column {error.colno})")
        where = Where(str(path), text.count("\n", 0, at) + 1)
        found += [(where_in(path, one), one.document) for one in instances_in(document, where)]
        at = end
    return found, None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(FILES, AT_ONCE)
def test_a_file_is_read_in_parts_as_if_it_were_parsed_as_a_whole(tmp_path, raw, at_once):
    path = tmp_path / "f.json"
    path.write_bytes(raw)
    found = list(read(path, at_once))
    expected, _ = parsed(path, raw)
    shown = [(where_in(path, one), document_of(one)) for one in found if isinstance(one, Found)]
    assert shown == expected
    assert [one for one in found if isinstance(one, Refusal) and one.why != "it is empty"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    FILES,
    AT_ONCE,
    st.integers(0, 10_000),
    st.sampled_from([b"", b"}", b"]", b",", b'"', b"{", b"x", b"\n"]),
    st.booleans(),
)
def test_what_is_broken_is_found_where_it_is_and_what_stands_before_it_is_kept(
    tmp_path, raw, at_once, place, instead, goes_on
):
    place %= len(raw)
    raw = raw[:place] + instead + (raw[place + 1 :] if goes_on else b"")
    path = tmp_path / "f.json"
    try:
        expected, broken = parsed(path, raw)
    except UnicodeDecodeError:
        return
    path.write_bytes(raw)
    found = list(read(path, at_once))
    shown = [(where_in(path, one), document_of(one)) for one in found if isinstance(one, Found)]
    assert shown[: len(expected)] == expected
    refused = [(where_in(path, one), one.why) for one in found if isinstance(one, Refusal) and one.why != "it is empty"]
    assert refused == ([broken] if broken else [])
