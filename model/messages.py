"""Every sentence that model/ says to a visitor or a caller; the page's own are in ui/text.py.

A sentence with gaps is a pattern for ``str.format``. Those of a specimen come first, those of a table last.
"""

from collections.abc import Sequence

# What is wrong with an input: ``Fault.expected`` and ``Fault.message``.
FAULT = "{name} is {found}: expected {expected}"
MISSING = "{name} is missing: expected {expected}"
UNKNOWN = "{name} is not a feature: expected {expected}"
NUMBER = "a number (observed: {low:g} to {high:g})"
NUMBER_NOT_NEGATIVE = "a number of 0 or more (observed: {low:g} to {high:g})"
SPECIMEN = "an object of {count} named numbers, or a list of {count} numbers"
LIST = "{count} numbers, from {first} to {last}"
ONCE = "{name} to be given once"
ONCE_NOT_TWICE = "{name} (as {first} and {second}) to be given once"
FEATURE = "one of the {count} feature names"
FEATURE_PERHAPS = "one of the {count} feature names, perhaps {names}"
ONE_READING = "a number with a decimal point (this may be {thousands} or {decimal})"
LENGTH = "{count} values"

# What was found, where the value itself says nothing.
EMPTY = "empty"
HUGE_INTEGER = "an integer of more than 60 digits"
A_LIST = "a list of {count}"
A_MAPPING = "a mapping of {count}"

# What is out of the ordinary about a valid specimen: ``InputWarning.message``.
BELOW_THE_DATA = "{feature} is {value:.15g}, below every value in the data ({low:g} to {high:g})."
ABOVE_THE_DATA = "{feature} is {value:.15g}, above every value in the data ({low:g} to {high:g})."
IMPOSSIBLE = "These {count} values cannot {all} be true: {values}. {claim}."
UNUSUAL = "These {count} values are unusual together: {values}. {claim}."
COUNTS = {2: "two", 3: "three", 4: "four"}
NOVEL = (
    "As a whole these values are unlike any specimen that the model has learnt from "
    "(distance {distance:.1f}; 99 of 100 real specimens stay below {limit:.1f})."
)

# Why values that a relation holds against each other do not fit: sentences without their full stop.
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
ZERO_TOGETHER = "A nucleus without dents has neither concavity nor concave points: both are zero, or none is"
AREA_ERROR = "The area grows with the radius, so its standard error is about 2 π r times that of the radius"


def any_of(names: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
