"""Scores Parquet files, batch by batch in constant memory, with the results that a text table gets.

Needs pyarrow, of the dependency group ``dask``. Knows nothing about text.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Specimen
from model.table.judge import judge, warnings
from model.table.layout import RESULTS, WrongTable, find_columns, find_truth, free_names
from model.table.scoring import Engine
from model.table.summary import Tally

BATCH = 8192
"""Rows that are scored at once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a file; ``row`` is the number of the first, from 1."""

    rows: pa.RecordBatch
    row: int


def score_parquet(
    source: Path, sink: Path, classifier: Classifier, engine: Engine, advance: Callable[[int], None]
) -> Tally:
    """Score a file into another; ``advance`` is told how many bytes more have been read, about.

    Raises:
        WrongTable: if features are missing, doubled or no numbers, or if it is no Parquet file.
    """
    tally = Tally()
    try:
        file = pq.ParquetFile(source)
    except pa.ArrowInvalid as error:
        raise WrongTable(f"found no Parquet file ({error}): expected one") from error
    with file:
        columns = _columns(file.schema_arrow)
        schema = _with_results(file.schema_arrow)
        share = source.stat().st_size / max(file.metadata.num_rows, 1)
        with pq.ParquetWriter(sink, schema) as out:
            for rows, counted in engine(partial(score_batch, schema, columns, classifier), _batches(file)):
                out.write_batch(rows)
                tally += counted
                advance(round(share * len(rows)))
    return tally


def _columns(schema: pa.Schema) -> tuple[int, ...]:
    """Where each feature stands."""
    columns = find_columns(schema.names)
    for name, column in zip(NAMES, columns, strict=True):
        kind = schema.field(column).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
            raise WrongTable(f"found {name} of type {kind}: expected numbers")
    return columns


def _with_results(schema: pa.Schema) -> pa.Schema:
    kinds = [pa.float64()] * 3 + [pa.string()] * 4
    for name, kind in zip(free_names(schema.names), kinds, strict=True):
        schema = schema.append(pa.field(name, kind))
    return schema


def _batches(file: pq.ParquetFile) -> Iterator[Batch]:
    row = 1
    for rows in file.iter_batches(BATCH):
        yield Batch(rows, row)
        row += len(rows)


def score_batch(
    schema: pa.Schema, columns: tuple[int, ...], classifier: Classifier, batch: Batch
) -> tuple[pa.RecordBatch, Tally]:
    """The batch with the results behind its columns, and its tally; a wrong row has nulls and its error."""
    found = [batch.rows.column(column).cast(pa.float64(), safe=False) for column in columns]
    values = np.column_stack([array.to_numpy(zero_copy_only=False) for array in found])
    place = find_truth(batch.rows.schema.names)
    truth = [] if place is None else [str(word) for word in batch.rows.column(place).to_pylist()]
    numbers = range(batch.row, batch.row + len(values))
    judged = judge(classifier, values, numbers, truth, partial(_specimen, found))
    made, errors = judged.predictions, judged.errors
    results = (made.probability, made.low, made.high, made.diagnosis, made.verdict, np.array(warnings(made)))
    order = iter(range(len(made.logit)))
    places = pa.array([None if i in errors else next(order) for i in range(len(values))], pa.int64())
    kinds = schema.types[-len(RESULTS) :]
    added = [
        pa.array(result.tolist(), kind).take(places) for result, kind in zip(results, kinds, strict=False)
    ]
    added.append(pa.array([errors.get(i, "") for i in range(len(values))], pa.string()))
    return pa.RecordBatch.from_arrays([*batch.rows.columns, *added], schema=schema), judged.tally


def _specimen(columns: list[pa.Array], row: int) -> Specimen:
    return Specimen.from_sequence([column[row].as_py() for column in columns])
