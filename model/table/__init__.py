"""Scores tables: a table in any common dialect goes in, and the same table with seven more columns comes out.

``score`` scores a file into another, completely or not at all; ``score_frame`` scores a pandas DataFrame,
also on a cluster; ``python -m model.table`` is the command line. ``rows`` turns bytes into rows, ``layout``
finds the columns, ``frame`` scores the rows, ``summary`` adds them up, and ``checks`` looks at the table as a
whole before it is scored.

Input: a header in any order and spelling that ``model.names`` understands, or UCI's ``wdbc.data`` without a
header, or ARFF; comma, semicolon or tab; decimal point or comma; UTF-8 or UTF-16, with or without a byte
order mark, or any 8-bit encoding; quoted cells, any line ends, gzip. Blank lines are dropped.

Output: the columns of the input and after them ``RESULTS``, in the same encoding, dialect and decimal mark.
Lines stay as they were, except for cells that a spreadsheet would run as formulas. A faulty row keeps its
line; its results are empty and ``error`` says why. A table that is wrong as a whole raises ``WrongTable``.
"""

from model.table.frame import score_frame
from model.table.layout import RESULTS, Options
from model.table.rows import TableFaultCode, WrongTable
from model.table.scoring import score
from model.table.summary import Summary

__all__ = ["RESULTS", "Options", "Summary", "TableFaultCode", "WrongTable", "score", "score_frame"]
