"""Every text of the page, so that a second language is one more file; knows nothing else."""

TITLE = "Breast FNA Explorer"
TAGLINE = (
    "What a model makes of thirty measurements of cell nuclei, taken from a breast mass by fine needle (FNA)."
)
NOT_A_DEVICE = "For teaching; not a medical device."
COPY_LINK = "Copy link"
COPIED = "Copied"
PRINT = "Print"

# tabs
EXPLORE = "Explore"
WHAT_IF = "What if"
SIMILAR = "Similar cases"

# the grid
START_FROM = "Start from"
MEDIAN = "Median of all"
LEGEND_BENIGN = "benign above"
LEGEND_MALIGNANT = "malignant below"
NUMBER = "{label}, as a number"
MEANING = "{meaning}."
MEANING_UNIT = "{meaning}, in {unit}."
UNITS = {"u": "units of the digitised image", "u²": "square units of the digitised image"}

# the answer
ANSWER = "The model's answer"
VERDICT = {"malignant": "Malignant", "benign": "Benign", "inconclusive": "Inconclusive"}
VERDICT_MEANING = {
    "malignant": "Benign is ruled out at the {level} level.",
    "benign": "Malignant is ruled out at the {level} level.",
    "inconclusive": "At the {level} level neither can be ruled out.",
}
PROBABILITY = "probability of malignant"
INTERVAL = "{level} interval {low} – {high}"
SCALE_LEGEND = "{hatch} inconclusive, {low} – {high}<span>┊ threshold, {threshold}</span>"
FROM_MEDIAN = "The median of all specimens"
FROM_ROW = "Specimen {row} of the data"
CHANGED_ONE = "with {feature} changed"
CHANGED_MANY = "with {count} changes"
UNDO = "Undo"
TRUTH_ASK = "What was it?"
TRUTH = {"malignant": "Malignant.", "benign": "Benign."}
BROKEN_LINK = "This link does not work. {problems} Here is the median specimen instead."

# the reasons
WHY = "Why"
WHY_AXIS_BENIGN = "← benign"
WHY_AXIS_MALIGNANT = "malignant →"
WHY_NOTE = (
    "Shares of the log-odds, against the median specimen. They are exact for the model, but they are not "
    "causes: measurements go together, so read a measurement by its sum."
)
WARNINGS = "Take care"
SENTENCE_BECAUSE = {
    "malignant": "Mostly because {pro}",
    "benign": "Mostly because {pro}",
}
SENTENCE_BUT = "; that {contra} speaks against it."
SENTENCE_DESPITE = {
    "malignant": "Malignant, although {contra}.",
    "benign": "Benign, as the median specimen is, although {contra}.",
}
SENTENCE_NOTHING = (
    "Close to the median specimen in everything that matters to the model, and that one is benign."
)
FEATURE_IN_SENTENCE = {
    "mean": "the mean {measurement} is",
    "se": "the standard error of {measurement} is",
    "worst": "the worst {measurement} is",
}
LARGE = "large"
SMALL = "small"
AND = " and "
LIMITS = (
    "A teaching demo. The model learnt from 569 specimens of one hospital in Wisconsin around 1990 and has "
    "never been tested elsewhere; it judges numbers, not patients, and nothing here is medical advice."
)
PRINTED_FROM = "This case:"

# what if
FLIPS_TITLE = {
    "malignant": "One change that would make it malignant",
    "benign": "One change that would make it benign",
}
FLIPS_NONE = "No single measurement, moved within what the data show, would turn this answer."
FLIPS_HEADS = ("Feature", "Now", "Turns at", "Way", "Then")
TRY_IT = "Try it"
CURVE_TITLE = "How the answer follows one feature"
CURVE_CHOOSE = "Feature"
CURVE_HERE = "here: {value}, {probability}"
CURVE_LABEL = "Probability of malignant against {feature}, all else held"
CURVE_Y = "probability of malignant"
WHAT_IF_NOTE = (
    "This speaks of the model, not of the mass: it says at which number the answer turns, not what would "
    "happen to a patient. Real measurements move together; one alone often cannot."
)

# similar cases
SIMILAR_TITLE = "The five real specimens that the model finds most alike"
SIMILAR_COUNT = "{malignant} of {count} were malignant."
SIMILAR_HEADS = ("Specimen", "It was", "Distance", "Model, unseen", "Differs most in (there; here)")
SIMILAR_NOTE = (
    "Alike means: with nearly the same contributions; the distance is in units of the log-odds. "
    "“Model, unseen” is what models said of it that were fitted without it."
)
LOAD = "Load"
DIFFERENCE = "{feature} {there}; {here}"

# embed
EMBED_OPEN = "Open the full page"
EMBED_STATISTIC = "Statistic"
EMBED_CASE = "Start from"
