"""Pages as tables: Arrow record batches, written as a Parquet file or an Arrow stream while the pages come.

The columns are fixed by the service model, not by what happens to come first: `_account`, `_region`, `_profile`, then
the members of what the operation lists, structures and lists nested as they are; but for a member that holds things of
its own kind again, which is left out. Memory stays flat: one page's dicts, and the rows of one row group in Arrow's own
compact form. It needs the extra `skysail[arrow]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("skysail.tables needs pyarrow: pip install 'skysail[arrow]'", name="pyarrow") from error

from skysail.errors import AnswerError, UsageError
from skysail.protocol.model import service_model

ROWS = 5_000
"""In a row group or a batch: some 4 MB of instances."""

_LABELS = ("_account", "_region", "_profile")
_SCALARS: dict[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("ms", tz="UTC"),
    "blob": pa.binary(),
}


def schema(operation: str = "get_instances") -> pa.Schema:
    """The columns of what an operation lists, by its Python name. Raises UsageError for one that lists nothing."""
    model = service_model()
    listed = model.operation(model.methods[operation]) if operation in model.methods else None
    if listed is None or listed.paging is None or listed.output is None:
        raise UsageError(f"{operation!r} lists nothing in pages: there is no table of it")
    here = listed.output
    for name in listed.paging.result_keys[0].split("."):
        here = model.shape(here).members[name].shape
    listing = model.shape(here)
    assert listing.member is not None
    item = _type(listing.member.shape)
    assert item is not None
    members = list(item) if pa.types.is_struct(item) else [pa.field("value", item)]
    return pa.schema([*(pa.field(label, pa.string()) for label in _LABELS), *members])


def batches(
    pages: Iterable[Sequence[Mapping[str, Any]]], columns: pa.Schema | None = None, rows: int = ROWS
) -> Iterator[pa.RecordBatch]:
    """The rows of pages (each a list of items, such as `page.labelled()`), so many to a batch, the last one fewer.

    `columns` is `schema()` or one like it; members that it does not have are left out, those that an item lacks are
    null. Raises AnswerError for a value that does not fit its column.
    """
    columns = schema() if columns is None else columns
    held: list[pa.RecordBatch] = []
    count = 0
    for page in pages:
        if not page:
            continue
        held.append(_batch(page, columns))
        count += len(page)
        while count >= rows:
            whole = pa.concat_batches(held)
            yield whole.slice(0, rows)
            held, count = [whole.slice(rows)], count - rows
    if count:
        yield pa.concat_batches(held)


def write_parquet(
    pages: Iterable[Sequence[Mapping[str, Any]]],
    where: str | Path | Any,
    columns: pa.Schema | None = None,
    rows: int = ROWS,
) -> int:
    """Write pages to a Parquet file, a row group a batch, as they come; gives the number of rows.

    `where` is a path or a binary file. The file can be read when this has returned; broken off, it cannot, and is
    removed where it was a path. Raises what the pages raise, AnswerError, OSError.
    """
    columns = schema() if columns is None else columns
    return _written(parquet.ParquetWriter(_place(where), columns, compression="zstd"), where, pages, columns, rows)


def write_arrow(
    pages: Iterable[Sequence[Mapping[str, Any]]],
    where: str | Path | Any,
    columns: pa.Schema | None = None,
    rows: int = ROWS,
) -> int:
    """The same as an Arrow IPC stream, which another program can read while it is written: through a pipe, say.

    Raises what the pages raise, AnswerError, OSError.
    """
    columns = schema() if columns is None else columns
    return _written(pa.ipc.new_stream(_place(where), columns), where, pages, columns, rows)


def _written(
    writer: Any, where: Any, pages: Iterable[Sequence[Mapping[str, Any]]], columns: pa.Schema, rows: int
) -> int:
    written = 0
    try:
        with writer:
            for batch in batches(pages, columns, rows):
                writer.write_batch(batch)
                written += batch.num_rows
    except BaseException:
        if isinstance(where, str | Path):
            Path(where).unlink(missing_ok=True)
        raise
    return written


def _place(where: Any) -> Any:
    return str(where) if isinstance(where, Path) else where


def _batch(page: Sequence[Mapping[str, Any]], columns: pa.Schema) -> pa.RecordBatch:
    try:
        return pa.RecordBatch.from_pylist(list(page), schema=columns)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise AnswerError(error=f"a value does not fit the table's column: {error}") from error


def _type(name: str, within: tuple[str, ...] = ()) -> pa.DataType | None:
    """A shape of the model as a column's type; None for one that would hold itself, which no column can."""
    shape, inside = service_model().shape(name), (*within, name)
    if name in within:
        return None
    if shape.type == "structure":
        members = {member: _type(of.shape, inside) for member, of in shape.members.items()}
        return pa.struct([pa.field(member, kind) for member, kind in members.items() if kind is not None])
    if shape.type == "list" and shape.member is not None:
        element = _type(shape.member.shape, inside)
        return None if element is None else pa.list_(element)
    if shape.type == "map" and shape.key is not None and shape.value_ is not None:
        key, value = _type(shape.key.shape, inside), _type(shape.value_.shape, inside)
        return None if key is None or value is None else pa.map_(key, value)
    return _SCALARS[shape.type]
