"""docs/operations.md says what the code has."""

from __future__ import annotations

import re

import botocore

from documents import PROJECT
from skysail.protocol.model import service_model
from tools import operations

TEXT = operations.DOCUMENT.read_text()


def test_the_document_is_what_the_code_gives() -> None:
    if operations.made_with(TEXT) == botocore.__version__:
        assert operations.document() == TEXT, "make operations"
        return
    # Another botocore has more operations or fewer: what both have must be told alike.
    written, given = operations.rows(TEXT), operations.rows(operations.document())
    common = written.keys() & given.keys()
    assert len(common) > 100
    assert {name: written[name] for name in common} == {name: given[name] for name in common}, "make operations"


def test_the_index_of_modules_is_what_the_code_gives() -> None:
    assert operations.INDEX.read_text() == operations.index(), "make operations"


def test_it_names_the_botocore_that_it_was_made_with() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", operations.made_with(TEXT))


def test_every_operation_of_the_model_has_one_row_and_every_row_its_module() -> None:
    rows = operations.rows(operations.document())
    assert list(rows) == sorted(service_model())
    for target in re.findall(r"\(\.\./(.+?)\)", TEXT):
        assert (PROJECT / target).exists(), target


def test_no_operation_has_two_families_and_all_are_the_models() -> None:
    handled = [operation for family in operations.every_family() for operation in family.operations]
    assert len(handled) == len(set(handled))
    if operations.made_with(TEXT) == botocore.__version__:
        assert set(handled) <= set(service_model())
