"""Every sentence that model/ shows to a visitor or a caller; those of the page itself are in ui/text.py.

Sentences with gaps are patterns for ``str.format``. First come those about a specimen, then about a table.
"""

from collections.abc import Sequence

# What is wrong with an input: ``Fault.expected`` and ``Fault.message``.
FAULT = "{name} is {found}: expected {expected}"
MISSING = "{name} is missing: expected {expected}"
UNKNOWN = "{name!r} is not a feature: expected {expected}"
NUMBER = "a number (observed: {low:g} to {high:g})"
NUMBER_NOT_NEGATIVE = "a number of 0 or more (observed: {low:g} to {high:g})"
SPECIMEN = "an object of {count} named numbers, or a list of {count} numbers"
LIST = "{count} numbers, from {first} to {last}"
ONCE = "{name} to be given once"
ONCE_NOT_TWICE = "{name} (as {first} and {second}) to be given once"
FEATURE = "one of the {count} feature names"
FEATURE_PERHAPS = "one of the {count} feature names, perhaps {names}"
ONE_READING = "a number with a decimal point (this may be {thousands} or {decimal})"
LENGTH = "a list of {count}"

# What was found, where the value itself says nothing.
EMPTY = "empty"
HUGE_INTEGER = "an integer of more than 60 digits"
A_LIST = "a list of {count}"
A_MAPPING = "a mapping of {count}"

# What is unusual about a valid specimen: ``InputWarning.message``.
BELOW_THE_DATA = "{feature} is {value:.15g}, below every value in the data ({low:g} to {high:g})."
ABOVE_THE_DATA = "{feature} is {value:.15g}, above every value in the data ({low:g} to {high:g})."
IMPOSSIBLE = "These {count} values cannot {all} be true: {values}. {claim}."
UNUSUAL = "These {count} values are unusual together: {values}. {claim}."
COUNTS = {2: "two", 3: "three", 4: "four"}
NOVEL = (
    "As a whole these values are unlike any specimen that the model has learnt from "
    "(distance {distance:.1f}; 99 of 100 real specimens stay below {limit:.1f})."
)

# Why the values of a relation do not fit together (``Relation.claim``): sentences without their full stop.
WORST_BELOW_MEAN = (
    "The worst {measurement} is the mean of the three largest values, so it cannot be below the mean"
)
ERROR_ABOVE_MEAN = "The standard error of the {measurement} is never larger than the mean"
WORST_FAR_ABOVE_MEAN = (
    "In the data the worst {measurement} is never so far above the mean for such a standard error"
)
AREA_AND_RADIUS = (
    "Nuclei are nearly round, so the {statistic} area is close to π r² for the {statistic} radius"
)
PERIMETER_AND_RADIUS = (
    "Nuclei are nearly round, so the {statistic} perimeter is close to 2 π r for the {statistic} radius"
)
PERIMETER_AND_AREA = "No {statistic} perimeter in the data is so short or so long for its area"
ZERO_TOGETHER = (
    "A nucleus without dents has neither concavity nor concave points, so both are zero or neither is"
)
AREA_ERROR = "The area grows with the radius, so its standard error is about 2 π r times that of the radius"

# Why a file or a row is refused: ``WrongTable`` and ``Fault.message``.
AS_CSV = (
    ". Please save it as a table with commas, semicolons or tabs (CSV), with the names of the columns first"
)
UTF_32 = f"This file is UTF-32 text{AS_CSV}, in UTF-8"
WORKBOOK = (
    "This is an Excel workbook (or another ZIP archive). Open it in Excel or LibreOffice, choose “Save as”, "
    "then “CSV UTF-8”, and score that file"
)
OLD_WORKBOOK = WORKBOOK.replace("an Excel workbook (or another ZIP archive)", "an old Excel workbook (.xls)")
PARQUET = (
    "This is a Parquet file. `python -m model.table` scores it if its name ends in .parquet; elsewhere, "
    "save it as CSV first"
)
PDF = f"This is a PDF{AS_CSV}"
PICTURE = f"This is a picture{AS_CSV}"
PICKLE = f"These are data saved by Python or NumPy{AS_CSV}"
BINARY = f"This is not text, but a file of SPSS, Stata, SAS, R or MATLAB, or an archive{AS_CSV}"
ARCHIVE = "This is a compressed archive. Please unpack it, or compress the table with gzip (.csv.gz)"
GZIP_IN_GZIP = "This is a gzip file inside another one. Please unpack it once"
LFS_POINTER = (
    "This is a Git LFS pointer: a few lines that stand for the file, not the file itself. Fetch it with "
    "`git lfs pull`, or download it from the page of its repository"
)
WEB_PAGE = (
    "This is a saved web page (HTML), not a table. Please download the file itself: on GitHub by “Raw”, on "
    "Kaggle by “Download”"
)
XML = f"This is XML, not a table{AS_CSV}"
JSON = (
    "This is JSON, not a table. Post it to /v1/predict instead, or save it as CSV, with the names of the "
    "columns first"
)
NINE_INTEGERS = (
    "These are the original Wisconsin data, nine whole numbers from 1 to 10 judged by eye (clump "
    "thickness to mitoses). The model needs the thirty measurements of the diagnostic data (WDBC), so it "
    "cannot answer"
)
DAMAGED = "The {what} file is damaged: {problem}"
GZIP_CUT_OFF = "The end of the gzip file is missing. Please download or compress it again"
ARFF_WITHOUT_DATA = "This ARFF file has no line @data near its beginning, so there are no rows to read"
TOO_MUCH_TEXT = "found more than {limit:,} bytes of text"
TOO_MANY_LINES = "found more than {limit:,} lines, most of them blank or short"
TOO_MANY_ERRORS = "found more than {limit:,} bytes of results, most of them errors"
MOSTLY_WRONG = (
    "Found {errors:,} errors in {faulty:,} of {rows:,} rows and read no further; the first, in line "
    "{line}, is: {problem}"
)
LINE_TOO_LONG = "Found a line of more than {limit:,} characters: expected a table"
BROKEN_HEADER = "The first line, which should name the columns, is broken: {problem}"
WIDE_HEADER = "The first line has {cells:,} cells; {limit:,} at most are read"
EMPTY_TABLE = "The table is empty. Its first line should name the {count} features, {first} to {last}"
NO_FEATURES = (
    "None of the {count} features is among the columns: {found}. The first line should name them, {first} to "
    "{last}, in any order; only UCI's wdbc.data may come without: id, M or B, {count} numbers"
)
NO_HEADER = (
    "The table has no column names, but its rows look like the {count} values in their usual order. Put this "
    "line above them: {line} – or say that the header is standard (--header standard, ?header=standard)"
)
WRONG_HEADER = (
    "The first line, {found}, does not name the columns, but the rows look like the {count} values in "
    "their usual order. Replace it by this line: {line} – or say that the header is standard (--header "
    "standard, ?header=standard)"
)
NAMES_FURTHER_DOWN = (
    "The first line, {found}, does not name the columns, but a line below it does. Please remove everything "
    "above that line"
)
NUMBERS_UNNAMED = (
    "The first line, {found}, names none of the {count} features, and the {cells} cells of a row do not "
    "look like the {count} values in their usual order"
)
NO_COLUMN = "no column for {names}"
COLUMN = "column {number} ({name!r})"
COLUMN_TWICE = "{name} more than once: {columns}"
EACH_ONCE = "Found {found}; each of the {count} features is needed once"
NOT_UNDERSTOOD = ". Columns that were not understood: {names}"
PERHAPS = "{name} (perhaps {candidates})"
OTHER_WIDTH = "Found rows of {width} cells below a header of {header}{hint}"
PERHAPS_ROW_NAMES = " (perhaps row names in a column without a name)"
PERHAPS_DECIMAL_COMMAS = " (perhaps decimal commas: separate cells by semicolons, or quote them)"
CELLS = "{count} cells"
FROM_TO = "{low} to {high}"
QUOTE_OPEN = "a quote is opened but not closed"
CELL_TOO_LONG = "a cell has more than {limit:,} characters, or a quote is not closed"
CARRIAGE_RETURN = "it has a carriage return in the middle"
BROKEN_LINE = "the line is broken: {problem}"
EMPTY_ROW = "the row is empty"
WRONG_WIDTH = "the row has {found}: expected {expected}, as the header has"
NO_THOUSANDS = "a number without thousands separators"

# What the column of the diagnoses says: ``DiagnosisColumn.message``.
TRUTH_USED = "The column {column} says what the specimens were; the answers are compared with it."
TRUTH_BY_CODE = (
    "The answers are compared with the column {column}, where {code} means malignant, as you said."
)
TRUTH_CODED = (
    "The column {column} is coded {codes} and was not used: in different files these codes mean different"
    " things. Say which is malignant (--malignant {first}, ?malignant={first})."
)
TRUTH_NOT_FOUND = "No column has the code {code}, so the answers could not be compared with diagnoses."

# What a table as a whole looks like: ``TableNotice.message`` by its code, and parts of it.
NOTICES = {
    "prognostic_data": (
        "These look like the prognostic data (WPBC), which also have columns for time, outcome, tumour "
        "size and lymph nodes. All their specimens are cancers, and the model has learnt from most of "
        "them."
    ),
    "thousands_separator": (
        "{rows} could not be read because of thousands separators, as in 1,001.0 or 1 001.0. Most numbers "
        "that large belong to large nuclei, so all counts and figures leave those out. Please write the "
        "numbers without separators."
    ),
    "scaled_to_1": "{columns}: these look like values scaled to 0–1, not like the measurements themselves.",
    "scaled_to_100": (
        "{columns}: these look like values scaled to 0–100, not like the measurements themselves."
    ),
    "standardised": (
        "{columns}: no measurement can be negative; these look like z-scores (standardised values), not "
        "like the measurements themselves."
    ),
    "logarithms": "{columns}: these look like logarithms, not like the measurements themselves.",
    "other_unit": "{columns}, perhaps because of another unit or a lost decimal point.",
    "other_scale": "{columns}: these do not look like measurements of this kind.",
    "exchanged": (
        "The columns {one} and {other} look exchanged: in {share} of the rows the numbers fit together "
        "much better the other way round."
    ),
    "other_size": (
        "The nuclei are about {factor} times as large as nuclei of such texture and shape in the data: "
        "lengths look multiplied by {factor} and areas by {square}, as with another magnification or "
        "unit. The model relies on size, so many of its answers may be wrong."
    ),
    "points_lost": (
        "In {count:,} of the {of:,} rows checked, a decimal point seems to be missing or misplaced, for "
        "example in {name} {example} (in the data it lies between {low} and {high}). Columns: {names}."
    ),
    "mixed_scales": (
        "In {count:,} of the {of:,} rows checked, several values at once are far from the data, for "
        "example {name} {example} (in the data it lies between {low} and {high}). These rows look scaled, "
        "or measured in another unit than the others. Columns: {names}."
    ),
    "unfit": (
        "In {share} of the rows the numbers do not fit together as they do in the published specimens. "
        "Please check the units, the number of digits, and that every column has its own name."
    ),
    "drift": (
        "The values differ from those that the model has learnt from: {features}. Its answers may be less "
        "reliable here."
    ),
}
CONSTANT = "{name} is {low}"
RANGE = "{name} lies between {low} and {high}"
RANGE_IN_DATA = " (in the data it lies between {low} and {high})"
MULTIPLIED = ": these look like values multiplied by about {factor:,.0f}"
DIVIDED = ": these look like values divided by about {factor:,.0f}"
ANY_SCALE = (
    "{notice} The answers would be meaningless, so the table was not scored. If its values are right as they "
    "are, say so (--any-scale, ?scale=any)"
)
OF_STATISTIC = "of the {name} values"
_COMPARED = (
    "Compared with published specimens of which {malignant} are malignant, as the model expects of these "
    "{rows}"
)
DIFFERS = f"{_COMPARED}, the features that differ most are {{features}}."
DIFFERS_NOT = f"{_COMPARED}, no feature differs by more than chance explains."
SHIFTED = "{name} (median {median} here, {median_data} there; {certainty})"
CERTAIN = "far more than chance explains"
LIKELY = "more than chance explains"
UNCERTAIN = "this may be chance"

# A summary in sentences.
TABLE_COUNTS = (
    "{rows} read, {scored} scored: {malignant} malignant, {benign} benign, {inconclusive} too close to call."
)
TABLE_FAULTY = "{rows} with errors could not be scored."
TABLE_WARNED = "Among those scored, {rows} got warnings."
TABLE_EVALUATED = "Compared with the diagnosis of {rows}: {figures}."
METRICS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "auc": "AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
}
TABLE_FAULT = "Line {line}: {message}."
TABLE_MORE_FAULTS = "Errors that are not listed here: {count:,}; the column “error” has all."
TABLE_LOOK = "Worth a look: {rows}."
TABLE_ROW = "line {line} ({reason})"
REASONS = {
    "inconclusive": "too close to call",
    "wrong": "against the diagnosis in the table",
    "warned": "warned",
    "other": "an ordinary row",
}


def rows(count: int) -> str:
    """``1 row``, ``1,204 rows``."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def digits(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def first(count: int, items: Sequence[str], separator: str = ", ") -> str:
    """``a, b and 3 more``."""
    more = len(items) - count
    return separator.join(items[:count]) + (f" and {more:,} more" if more > 0 else "")


def any_of(names: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
