"""Many specimens at once: a table of any common dialect in, the same table with seven more columns out.

``score`` goes from file to file, whole or not at all; ``stream`` goes from bytes to bytes, for a server.
Both read, score and write block by block in constant memory, and repeat the text of every line as it came.
``preview`` reads the beginning of a scored file back. Knows nothing about pages and servers;
``python -m model.table IN OUT`` is the command line.

What is read: a header in any order and spelling that ``model.names.resolve_all`` knows, or UCI's
``wdbc.data`` without one; comma, semicolon or tab; decimal point or comma; UTF-8 or UTF-16, with or without
byte order mark; quoted cells, any line ends, gzip. Extra columns pass through; cells that a spreadsheet
would run get a ``'`` before them (https://owasp.org/www-community/attacks/CSV_Injection). Blank lines are
dropped.

What is written: ``layout.RESULTS`` behind the columns of the input, in the encoding, dialect and decimal
mark of the input. A row that is wrong keeps its line; its results are empty and ``error`` says why. A table
that is wrong as a whole is refused as ``WrongTable``, never padded, shifted or guessed at.
"""

from model.table.files import Progress, score
from model.table.layout import RESULTS, TooLarge, WrongTable
from model.table.preview import preview
from model.table.scoring import Options, Stream, stream
from model.table.summary import Difference, Evaluation, RowFault, ShownRow, Summary, TableNotice, TruthColumn

__all__ = [
    "RESULTS",
    "Difference",
    "Evaluation",
    "Options",
    "Progress",
    "RowFault",
    "ShownRow",
    "Stream",
    "Summary",
    "TableNotice",
    "TooLarge",
    "TruthColumn",
    "WrongTable",
    "preview",
    "score",
    "stream",
]
