"""Many specimens at once: a table of any common dialect in, the same table with seven more columns out.

``score`` goes from file to file, whole or not at all; ``score_frame`` from one pandas DataFrame to another,
and so over any cluster; ``python -m model.table`` is the command line. Bytes become rows in ``rows``, their
header is understood in ``layout``, they are scored in ``frame`` and added up in ``summary``, and
``checks`` judges the table as a whole before it is answered.

What is read: a header in any order and spelling that ``model.names`` understands, or UCI's
``wdbc.data`` without one, or ARFF; comma, semicolon or tab; decimal point or comma; UTF-8 or UTF-16, with or
without byte order mark, or any 8-bit encoding; quoted cells, any line ends, gzip. Blank lines are dropped.

What is written: ``RESULTS`` behind the columns of the input, in its encoding, dialect and decimal mark. Lines
come back as they were, but for cells that a spreadsheet would run. A row that is wrong keeps its line; its
results are empty and ``error`` says why. A table that is wrong as a whole is refused as ``WrongTable``.
"""

from model.table.frame import score_frame
from model.table.layout import RESULTS, Options
from model.table.rows import TableFaultCode, TooLarge, WrongTable
from model.table.scoring import score
from model.table.summary import Summary

__all__ = [
    "RESULTS", "Options", "Summary", "TableFaultCode", "TooLarge", "WrongTable", "score", "score_frame",
]  # fmt: skip
