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
TAB_LATE = "This tab could not load."
RETRY = "Try again"

# the grid
START_FROM = "Start from"
MEDIAN = "Median of all"
LEGEND_BENIGN = "benign above"
LEGEND_MALIGNANT = "malignant below"
NUMBER = "{label}, as a number"
MEANING_UNIT = "{meaning}, in {unit}"
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
SCALE_LEGEND = (
    "{hatch} inconclusive, {low} – {high}<span>┊ threshold, {threshold}</span>"
    "<i>interval: what so few specimens leave open</i>"
)
WARNED_ONE = "<b>Take care: a warning below.</b>"
WARNED_MANY = "<b>Take care: {count} warnings below.</b>"
FROM_MEDIAN = "The median of all specimens"
FROM_ROW = "Specimen {row} of the data"
CHANGED_ONE = "with {feature} changed"
CHANGED_MANY = "with {count} changes"
UNDO = "Undo"
TRUTH_ASK = "What was it?"
TRUTH = {"malignant": "Malignant.", "benign": "Benign."}
BROKEN_LINK = "This link does not work. {problems} Here is the case that the page opens with."

# the reasons
WHY = "Why"
WHY_AXIS_BENIGN = "← benign"
WHY_AXIS_MALIGNANT = "malignant →"
WHY_NOTE = (
    "Shares of the log-odds, against the median specimen. They are exact for the model, but they are not "
    "causes: measurements go together, so read a measurement by its sum."
)
WARNINGS = "Take care"
SENTENCE_BOTH = {
    "malignant": "Mostly because of {pro}; against it, {contra}.",
    "benign": "Mostly because of {pro}; against it, {contra}.",
    "inconclusive": "For malignant: {pro}. For benign: {contra}.",
}
SENTENCE_PRO = {
    "malignant": "Mostly because of {pro}.",
    "benign": "Mostly because of {pro}.",
    "inconclusive": "For malignant: {pro}; but that is not enough.",
}
SENTENCE_CONTRA = {
    "malignant": "As the median specimen is not, in spite of {contra}.",
    "benign": "As the median specimen is, in spite of {contra}.",
    "inconclusive": "For benign: {contra}; but that is not enough.",
}
SENTENCE_NOTHING = "In all that matters to the model it is close to the median specimen, and that is benign."
SIZE = "{size} {feature}"
SIZES = {"se": "{size} variation of {measurement}"}
LARGE = "large"
SMALL = "small"
AND = " and "
LIMITS = (
    "A teaching demo. The model learnt from 569 specimens of one hospital in Wisconsin around 1990 and has "
    "never been tested elsewhere; it judges numbers, not patients, and nothing here is medical advice."
)
PRINTED = "{limits} Model {version}, {sha256}."
PRINTED_FROM = "This case:"

# what if
FLIPS_TITLE = {
    "malignant": "One change that would make it malignant",
    "benign": "One change that would make it benign",
    "inconclusive": "One change that would settle it",
}
FLIPS_NONE = "No single measurement, moved within what the data show, would turn this answer."
FLIPS_HEADS = ("Feature", "Now", "Turns at", "Way", "Then")
TRY_IT = "Try it"
CURVE_TITLE = "How the answer follows one feature"
CURVE_CHOOSE = "Feature"
CURVE_HERE = "here: {value}, {probability}"
CURVE_LABEL = "Probability of malignant against {feature}, all else held"
CURVE_TITLE_ACROSS = "{feature}; dotted: the threshold, {threshold}"
WHAT_IF_NOTE = (
    "This speaks of the model, not of the mass: it says at which number the answer turns, not what would "
    "happen to a patient. Real measurements move together; one alone often cannot."
)

# similar cases
SIMILAR_TITLE = "The five real specimens that the model finds most alike"
SIMILAR_COUNT = "{malignant} of {count} were malignant."
SIMILAR_HEADS = ("Specimen", "It was", "Distance", "Model, unseen", "Differs most in", "there", "here")
SIMILAR_NOTE = (
    "Alike means: with nearly the same contributions; the distance is in units of the log-odds. "
    "“Model, unseen” is what models said of it that were fitted without it."
)
LOAD = "Load"

# embed
EMBED_OPEN = "Open the full page"
EMBED_STATISTIC = "Statistic"

# guess first
GUESS = "Guess first"
PROFILE = "The specimen's thirty numbers"
PROFILE_ABOVE = "above {benign} of the benign, {malignant} of the malignant"
GUESS_ASK = "Benign or malignant?"
GUESS_HOW = (
    "This is one of the 569 real specimens. Each dot is one of its numbers, over how benign and malignant "
    "specimens are spread. Decide before the model does."
)
GUESS_TRUTH = "It was"
GUESS_YOU = "You"
GUESS_MODEL = "Model"
GUESS_RIGHT = {True: "right", False: "wrong"}
GUESS_NEXT = "Next specimen"
GUESS_EXPLORE = "Open in Explore"
GUESS_TALLY = "You {you} of {all}, the model {model} of {all}."
GUESS_RESET = "Start over"
GUESS_NOTE = (
    "The model's probability comes from models that had not seen this specimen. The reasons are those of the "
    "served model, which has. The tally is kept in this browser only."
)
GUESS_NO_ROW = "There is no specimen {row}."

# how good is it
EVIDENCE = "How good is it"
EVIDENCE_OTHER = (
    "The evidence at hand is of another model than the one that answers here; <code>make evaluate</code> "
    "gathers that of this one."
)
EVIDENCE_TITLE = "On specimens that it had not seen"
EVIDENCE_INTERVALS = "Beside each figure: its 95 % interval over other draws of specimens (bootstrap)."
FIGURES = (
    ("sensitivity", "Sensitivity", "{:.1%}", "of the malignant are found"),
    ("specificity", "Specificity", "{:.1%}", "of the benign are cleared"),
    ("auc", "ROC AUC", "{:.3f}", "how often a malignant specimen ranks above a benign one"),
    ("log_loss", "Log loss", "{:.3f}", "how far its probabilities are from the truth; 0 is perfect"),
)
LINE_TITLE = "Where to draw the line"
LINE_LEAD = (
    "The model gives a probability; the threshold says from where on that counts as malignant. A lower one "
    "misses fewer malignant specimens, and raises more false alarms. The counts are means of ten repeats; "
    "beside a share stands its 95 % interval for so many specimens (Wilson)."
)
LINE_THRESHOLD = "Threshold"
LINE_MODELS = "the model’s, {value}"
LINE_PREVALENCE = "Prevalence"
LINE_DATAS = "as here, {value}"
LINE_EXACT = "{name}, as a number"
LINE_FORMS = "As 30 % or as 0.3"
LINE_HEADS = ("called malignant", "called benign")
LINE_MALIGNANT = ("{found} found", "{missed} missed")
LINE_BENIGN = ("{alarms} false alarms", "{cleared} cleared")
LINE_ELSEWHERE = "Where malignant is rarer, or more common"
LINE_THOUSAND = (
    "Of 1000 specimens {thousand-ill} are malignant: {thousand-found} are found and {thousand-missed} "
    "missed, with {thousand-alarms} false alarms."
)
RATES = {key: (label, meaning) for key, label, _, meaning in FIGURES[:2]} | {
    "ppv": ("Positive predictive value", "of those called malignant are malignant"),
    "npv": ("Negative predictive value", "of those called benign are benign"),
}
ROC_TITLE = "Every threshold at once"
ROC_CURVE = {True: "The upper left corner of the ROC curve", False: "The ROC curve"}
ROC_LEAD = (
    "{curve}: the share of malignant specimens found, against the share of "
    "benign ones alarmed. The band is its 95 % interval, the dot the threshold at the left."
)
ROC_LABEL = "ROC curve: sensitivity against the share of false alarms, with its interval"
ROC_ACROSS = "benign called malignant"
RELIABILITY_TITLE = "When it says 80 %, is it 80 %?"
RELIABILITY_LEAD = (
    "Specimens grouped by the probability they were given, against the share that was malignant; on the "
    "dotted line both agree. {certain} of {all} lie in the two outermost groups."
)
RELIABILITY_LABEL = "Reliability: share of malignant specimens against the probability they were given"
RELIABILITY_ACROSS = "probability given"
COMPARISON_TITLE = "Against other models, in the same folds"
COMPARISON_LEAD = (
    "Lower log loss is better. The dot is how much worse a model is than this one, the line its 95 % "
    "interval; where the line crosses zero, 569 specimens cannot tell the two apart."
)
COMPARISON_HEADS = ("Model", "Log loss", "Worse by", "", "ROC AUC", "Sensitivity", "Specificity")
COMPARISON_THIS = "this model"
HARD_TITLE = "The specimens it finds hardest"
HARD_HEADS = ("Specimen", "It was", "Model, unseen", "Models that err", "What is odd about it", "")
PROMISE_TITLE = "What the verdict promises"
PROMISE_LEAD = (
    "A verdict at the 98 % level should contain the truth for 98 of 100 malignant and 98 of 100 benign "
    "specimens; where that takes both words, or neither, it is inconclusive."
)
PROMISE_HEADS = ("Level", "Held for malignant", "Held for benign", "Inconclusive")
SUBGROUPS_TITLE = "Where it does better, and worse"
SUBGROUPS_LEAD = (
    "The same specimens by the size of their nuclei. Few small ones are malignant, so little is known."
)
SUBGROUPS_HEADS = ("Group", "Malignant / all", "Sensitivity", "Specificity")
LIMITS_TITLE = "What this does not show"
EVIDENCE_LIMITS = (
    "One hospital, around 1990, 569 specimens, 37 % malignant. It has never been tested anywhere else.",
    "Whoever took the aspirate and traced the nuclei is part of the measurement; other hands, other numbers.",
    "It tells apart masses that a physician already found suspect enough for a needle. It screens nobody.",
)
MODEL_CARD = "The model card"

# use it
USE_IT = "Use it"
USE_IT_LEAD = "The case on screen, as code that runs as it stands. Everybody may call; nobody needs a key."
USE_IT_COPY = "Copy"
USE_IT_CODE = "{title}, the code"
SNIPPETS = {
    "curl": (
        "From a shell",
        "JSON over REST; <a href='v1/docs' target='_blank'>every address and field</a>.",
    ),
    "python": ("From Python", "With Gradio’s own client."),
    "javascript": ("From JavaScript", "With Gradio’s own client, in a browser or in Node."),
    "agent": ("From an AI agent", "Over the Model Context Protocol (MCP); for the settings of the agent."),
    "iframe": ("In your page, as a frame", "A compact view with the ten most telling sliders at a time."),
    "element": ("In your page, as an element", "The whole page; best given the full width."),
}
PAPERS_TITLE = "What answers"
PAPERS_VERSION = "Model"
PAPERS_SHA256 = "sha256"
PAPERS = (
    ("Model card", "what it is for, how it was made, where it fails: at the end of “How good is it”"),
    ("Licence", "Apache-2.0 for code and model; CC BY 4.0 for the data"),
    (
        "Data",
        "Wolberg W., Mangasarian O., Street N., Street W. (1993). Breast Cancer Wisconsin (Diagnostic). "
        'UCI Machine Learning Repository. <a href="https://doi.org/10.24432/C5DW2B" target="_blank" '
        'rel="noopener">doi.org/10.24432/C5DW2B</a>',
    ),
)

METRICS = {key: label for key, label, _, _ in FIGURES}

# score a file: SCORE_WORDS go to the script, which draws what REST answers
SCORE = "Score a file"
SCORE_TITLE = "Score many specimens at once"
SCORE_LEAD = (
    "Bring a table with one specimen in each row and a column for each of the 30 features, in any order and "
    "under any common column names (files from Kaggle and UCI work unchanged). Other columns are kept. "
    "The table is scored in memory and never stored."
)
SCORE_CHOOSE = "Choose a table, or drop it here"
SCORE_KINDS = "CSV or tab-separated text, also packed as .gz"
SCORE_SAMPLE = "Score a sample"
SCORE_SAMPLE_FILE = "Download the sample"
SCORE_WORDS = {
    "sending": "Sending {name} …",
    "scoring": "Scoring {name} …",
    "refused": "{name} was not scored.",
    "lost": "{name} was not scored, because the connection was lost.",
    "again": "Try again",
    "anyway": "Score it anyway",
    "in_order": "Read the numbers in the usual order",
    "is_malignant": "{code} means malignant",
    "download": "Download all rows with their results",
    "open": "Open",
    "severities": {
        "meaningless": "These answers mean nothing unless the numbers are what you intended.",
        "suspicious": "Please check this first.",
        "note": "Please note.",
    },
    "scored_one": "1 of the {rows} rows of {name} was scored.",
    "scored_many": "{count} of the {rows} rows of {name} were scored.",
    "faulty_one": "1 row has errors, listed below.",
    "faulty_many": "{count} rows have errors, listed below.",
    "adds_up": "Every scored row is malignant, benign or too close to call; some also have warnings.",
    "warned": "With warnings",
    "histogram": "How the probabilities are spread",
    "histogram_lead": (
        "The height of each bar is the number of rows with that probability of malignancy. "
        "Blue is benign, orange is malignant, and grey is too close to call."
    ),
    "probability": "probability of malignancy",
    "truth": "Compared with the diagnoses in your table",
    "truth_lead_one": (
        "One row comes with a diagnosis. If it is from the training data, these figures are too good."
    ),
    "truth_lead_many": (
        "{count} rows come with a diagnosis. If they are from the training data, these figures are too good; "
        "“How good is it?” has the figures for unseen specimens."
    ),
    "truly": {"malignant": "was malignant", "benign": "was benign"},
    "called": ["called malignant", "called benign"],
    "differs": "How this table differs from the data",
    "differs_heads": [
        "Feature",
        "Median here",
        "Median in the data",
        "Difference",
        "in standard deviations",
        "How sure this is",
    ],
    "sure": "more than chance explains",
    "unsure": "could be chance",
    "rows": "The rows worth looking at first",
    "rows_lead": (
        "First come those that are too close to call, then those that differ from your table’s diagnosis, "
        "then those with warnings, then others. Each opens in Explore. The download holds all rows."
    ),
    "rows_heads": ["Line", "Probability", "Verdict", "It was", "What to look at", ""],
    "reasons": {
        "inconclusive": "",
        "wrong": "Differs from the table’s diagnosis.",
        "warned": "",
        "other": "",
    },
    "truths": {"malignant": "Malignant", "benign": "Benign"},
    "warnings": {
        "out_of_range": "Outside the range of the data",
        "contradiction": "Values do not fit together",
        "novel": "Unlike the data as a whole",
    },
    "faults": "Rows that could not be scored",
    "faults_all": "Every error is listed by its line in the file. All other rows were scored.",
    "faults_some": (
        "The first {shown} of {count} errors, by their lines in the file. All other rows were scored."
    ),
    "faults_heads": ["Line", "Column", "Found", "What is wrong"],
}
