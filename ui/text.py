"""Every sentence that the page itself says; what the model says of an input is in model/messages.py."""

from typing import Any

TITLE = "Breast FNA Explorer"
TAGLINE = (
    "See how a model weighs 30 measurements of cell nuclei from a fine-needle aspirate (FNA) of a breast "
    "lump."
)
NOT_A_DEVICE = "For teaching; not a medical device."
SKIP = "Skip to the answer"
NO_SCRIPT = (
    "This page needs JavaScript: it computes each answer in your browser, as you move a slider. Programs can "
    "ask the same model without it, at v1/predict."
)
NOT_STARTED = "This page did not start. It needs a browser of the last three years; reloading may help."
COPY_LINK = "Copy link"
COPIED = "Copied"
PRINT = "Print"

# tabs
EXPLORE = "Explore"
WHAT_IF = "What if"
SIMILAR = "Similar cases"
TAB_LOADING = "Loading …"
TAB_LATE = "This tab could not load."
RETRY = "Try again"

# the grid
START_FROM = "Start from"
INVITATION = "Drag a slider: the answer follows."
LEGEND_BENIGN = "benign above"
LEGEND_MALIGNANT = "malignant below"
NUMBER = "{label}, as a number"
EXPLAIN = "What is {name}?"
MEANING_UNIT = "{meaning}, in {unit}"
UNITS = {"u": "units of the digitised image", "u²": "square units of the digitised image"}

PLOT = "Chart: {up}, over {across}"

# the answer
ANSWER = "The model's answer"
VERDICT = {"malignant": "Malignant", "benign": "Benign", "inconclusive": "Too close to call"}
PROBABILITY = "probability of malignancy"
NEAREST = "The 20 real specimens that scored nearest to this"
FROM_MEDIAN = "The median of all specimens"
FROM_ROW = "Specimen {row} of the data"
UNDO = "Undo"
TRUTH_ASK = "What was it?"
NO_START = "There is no {key} {value!r}."
WRONG_COUNT = "x holds {found} numbers, not {count}."
MISSPELT = "{key!r} is not a feature; did you mean {names}?"
BROKEN_LINK = "This link does not work. {problems} Here is the case that the page opens with."
MORE = "More about this number"
MORE_COVERAGE = "In a test, such intervals contained the true probability {covered} times in 100."
MORE_NEAREST = (
    "The 20 specimens are those whose own probability is nearest, by models that had not seen them."
)

# the nuclei
NUCLEI = "Nuclei drawn from these numbers, not a picture."

# the reasons
WHY = "Why"
WHY_AXIS_BENIGN = "← benign"
WHY_AXIS_MALIGNANT = "malignant →"
WHY_NOTE = (
    "Each bar shows how far this measurement moves the log-odds (the logarithm of the odds of malignant to "
    "benign) from those of the median specimen. The bars add up exactly, but they are not causes; mean, "
    "error and worst overlap, so read their total."
)
PLAIN = {
    "radius": ("small nuclei", "large nuclei"),
    "texture": ("even grey", "uneven grey"),
    "perimeter": ("short outlines", "long outlines"),
    "area": ("small nuclei", "large nuclei"),
    "smoothness": ("smooth outlines", "rough outlines"),
    "compactness": ("round nuclei", "irregular nuclei"),
    "concavity": ("shallow dents", "deep dents"),
    "concave_points": ("few dents", "many dents"),
    "symmetry": ("symmetric nuclei", "lopsided nuclei"),
    "fractal_dimension": ("plain outlines", "ragged outlines"),
}
"""What a small and a large value of a measurement look like."""
LIMITS = (
    "A teaching demo. The model learnt from 569 specimens of one hospital in Wisconsin around 1990 and has "
    "never been tested elsewhere; it judges numbers, not patients, and nothing here is medical advice."
)
PRINTED = "Model {version}, {sha256}."
PRINTED_FROM = "This case:"
API = "Use via API"

# ANSWER_WORDS go to the script of the first screen, which fills them in at every frame
ANSWER_WORDS: dict[str, Any] = {
    "verdict": VERDICT,
    "probability": PROBABILITY,
    "retry": RETRY,
    # numbers that are typed
    "no_number": "Enter a number.",
    "not_a_number": "“{typed}” is not a number.",
    "two_numbers": "“{typed}” could be two numbers. Leave out the comma, or write a point for the decimals.",
    "too_small": "No {measurement} is below {least}.",
    # the answer
    "near_none": "None of the {count} real specimens that scored nearest to this was malignant.",
    "near_one": "1 of the {count} real specimens that scored nearest to this was malignant.",
    "near_some": "{malignant} of the {count} real specimens that scored nearest to this were malignant.",
    "near_all": "All {count} real specimens that scored nearest to this were malignant.",
    "near_mark": "Specimen {row}: {diagnosis}",
    "warned_one": "1 warning, see below.",
    "warned_many": "{count} warnings, see below.",
    "warnings": "Warnings",
    "changed_none": "{name}.",
    "changed_one": "{name}, with {feature} changed.",
    "changed_many": "{name}, with {count} changes.",
    "truth": {"malignant": "It was malignant.", "benign": "It was benign."},
    "more_meaning": {
        "malignant": "Fewer than {in_hundred} in 100 benign specimens score this high.",
        "benign": "Fewer than {in_hundred} in 100 malignant specimens score this low.",
        "inconclusive": "Both benign and malignant specimens score like this.",
    },
    "more_interval": (
        "A rough {level} interval {reach}: this is how far off the number could be, with only {specimens} "
        "specimens to learn from."
    ),
    "more_reach": "goes from {low} to {high}",
    "more_no_reach": "stays {low}",
    # the nuclei, and the reasons
    "nuclei_off": "Twelve nuclei cannot match every number at once. Only roughly right here: {names}.",
    "why_all": "Show all {count}",
    "why_fewer": "Show fewer",
    "sentence_both": "Pushed towards {side} by {pro}; pulled towards {other} by {contra}.",
    "sentence_pro": "Pushed towards {side} by {pro}.",
    "sentence_contra": "Like the median specimen it is {side}, although pulled towards {other} by {contra}.",
    "sentence_nothing": "Every measurement is close to the median specimen, which is {median}.",
    "size": {"small": "small values of {feature}", "large": "large values of {feature}"},
    "spread": {
        "se": {"small": "little variation in {measurement}", "large": "much variation in {measurement}"},
    },
    "and": " and ",
    # when the server does not answer
    "waiting": "Asking the server …",
    "unconfirmed": "This number was computed in your browser. Warnings are missing: {why}",
    "not_loaded": "The specimen could not be loaded: {why} You still see the one before.",
    "why_limit": "the server takes no more requests from you just now.",
    "why_busy": "the server is busy.",
    "why_late": "the server did not answer in {seconds} seconds.",
    "why_lost": "there is no connection to the server.",
    "why_refused": "the server refused the request ({status}).",
    "retry_in": "The next try is in {seconds} s.",
    "newer_model": "A newer version of the model answers now. Reload the page to see it.",
    "reload": "Reload",
    "tabs_missing": "The other tabs could not load. What you see here works without them.",
}

# what if
FLIPS_TITLE = {
    "malignant": "One change that would make it benign",
    "benign": "One change that would make it malignant",
    "inconclusive": "One change that would settle it",
}
FLIPS_LEAD = (
    "Each row changes one measurement and leaves the other 29 as they are. Changes that raise no new warning "
    "come first, and the smallest of them at the top. The size is in [standard deviations], so that "
    "measurements with different units can be compared."
)
FLIPS_NONE = "No single measurement, moved within the range of the data, would lead to the other verdict."
FLIPS_HEADS = ("Measurement", "Now", "Changes at", "Direction", "Size of the change")
FLIPS_VERDICT = "New verdict"
FLIP_EFFORT = "{effort:.1f} SD"
FLIP_WARNED = "raises a warning"
TRY_IT = "Try it"
CURVE_TITLE = "How the probability depends on the {feature}"
CURVE_LEAD = (
    "The line is the answer for every value of this one measurement. In the grey band it is too close to "
    "call. The two shapes show how common each value is: blue among benign, orange among malignant specimens."
)
CURVE_HERE = "this specimen: {value}, {probability}"
CURVES_TITLE = "The whole model: 30 curves that add up"
CURVES_LEAD = (
    "Each curve shows how many [log-odds] one measurement adds: above the line towards malignant, below it "
    "towards benign. The dot is this specimen, and its number is what the measurement adds here, compared "
    "with the median specimen. The curves that matter most come first. Choose one to see it large."
)
WHAT_IF_NOTE = (
    "This is about the model, not the patient: it shows where the answer changes. In real cells measurements "
    "change together, so one rarely moves alone."
)

# similar cases
SIMILAR_TITLE = "The five real specimens that the model sees as most similar"
SIMILAR_COUNT = {0: "None of these {count} was malignant.", 1: "One of these {count} was malignant."}
SIMILAR_MANY = "{malignant} of these {count} were malignant."
SIMILAR_ALL = "All {count} were malignant."
SIMILAR_HEADS = (
    "Specimen",
    "It was",
    "[Distance]",
    "[Out-of-sample] probability",
    "Differs most in",
)
SIMILAR_HERE = "(here {here})"
SIMILAR_NOTE = (
    "Similar means that the measurements make nearly the same [contributions] to the answer, not that the "
    "numbers are the same."
)
LOAD = "Open"

# embed
EMBED_OPEN = "Open the full page"
EMBED_STATISTIC = "Statistic"

# guess first
GUESS = "Guess first"
PROFILE = "The specimen’s 30 measurements"
PROFILE_ABOVE = "larger than in {benign} of benign and {malignant} of malignant specimens"
GUESS_ASK = "Benign or malignant?"
GUESS_HOW = (
    "This is one of the 569 real specimens. Each dot is one of its measurements, on the spread of benign "
    "(above) and malignant (below) specimens. Guess before you see what the model says."
)
GUESS_TRUTH = "It was"
GUESS_YOU = "You"
GUESS_MODEL = "Model"
GUESS_RIGHT = {True: "right", False: "wrong"}
GUESS_NEXT = "Next specimen"
GUESS_EXPLORE = "Open in Explore"
GUESS_TALLY = "Score: you {you} of {all}, model {model} of {all}."
GUESS_RESET = "Start over"
GUESS_NOTE = (
    "The model’s probability comes from models that had never seen this specimen. The reasons are those of "
    "the model on this page, which has seen it. Your score is kept in this browser only."
)
GUESS_NO_ROW = "There is no specimen {row}."

# how good is it
EVIDENCE = "How good is it?"
EVIDENCE_OTHER = (
    "The stored evidence is about another version of the model, so it is not shown. <code>make "
    "evaluate</code> computes the evidence for this version."
)
EVIDENCE_TITLE = "It finds {found} of 100 cancers and raises {alarms} false alarms in 100 benign specimens"
EVIDENCE_LEAD = (
    "All figures are about specimens that the model had never seen: {repeats} times {folds}-fold "
    "[cross-validation], whose splits were not used to choose anything about the model. Next to each figure "
    "is its [95 % interval]: what it could be for other patients of the same kind."
)
FROM_TO = "{low} to {high}"
METRICS = {
    "sensitivity": "[Sensitivity]",
    "specificity": "[Specificity]",
    "auc": "[ROC AUC]",
    "log_loss": "[Log loss]",
    "positive_ratio": "[Likelihood ratio] of “malignant”",
    "negative_ratio": "[Likelihood ratio] of “benign”",
    "ppv": "[Positive predictive value]",
    "npv": "[Negative predictive value]",
}
FIGURES = {
    "sensitivity": "of malignant specimens are called malignant",
    "specificity": "of benign specimens are called benign",
    "auc": "how often a malignant specimen ranks above a benign one",
    "log_loss": "a penalty for confident mistakes; 0 is perfect",
}
LINE_TITLE = "A lower threshold misses fewer cancers and raises more false alarms"
LINE_LEAD = (
    "The model gives a probability; at or above the threshold a specimen is called malignant. The model’s "
    "threshold was chosen from these data; other specimens could have led to one anywhere from {low} to "
    "{high}. Each mark is one specimen, and those that stand out are mistakes. The counts are means of "
    "{repeats} repeats; 95 % intervals (Wilson) are in grey."
)
LINE_DIALS = {"threshold": "Threshold", "prevalence": "[Prevalence]"}
LINE_MODELS = "the model’s {value}"
LINE_DATAS = "as in the data, {value}"
LINE_EXACT = "as a number"
LINE_FORMS = "A number such as 30 % or 30; below 1 it is a share, so 0.3 is 30 %"
LINE_TAKEN = "{typed} is read as {value}."
LINE_HEADS = ("called malignant", "called benign")
LINE_MALIGNANT = ("{found} found", "{missed} missed")
LINE_BENIGN = ("{alarms} false alarms", "{cleared} cleared")
LINE_ELSEWHERE = "Where cancer is rarer or more common"
LINE_THOUSAND = (
    "Of 1000 specimens {thousand-ill} are malignant. Of these {thousand-found} are found and "
    "{thousand-missed} missed, and there are {thousand-alarms} false alarms."
)
PREVALENCE_SAME = (
    "The case on screen has {here}. Like every number on this page, that is at the prevalence of the data. "
    "Move the slider to see what it has where cancer is rarer or more common."
)
PREVALENCE_CASE = (
    "The case on screen has {here} in the data; at this prevalence it would have {there}. Its log-odds move "
    "by {shift}, the difference between the log-odds of the two prevalences, because the measurements "
    "themselves say the same in both places."
)
THRESHOLD_HEADS = ("Threshold", "Missed", "False alarms", "[Likelihood ratio] of “malignant”", "of “benign”")
ROC_TITLE = "Every threshold at once: the ROC curve"
ROC_CORNER = "This is the upper left corner of the curve."
ROC_LEAD = "The dot marks the threshold that you set, and the band is the 95 % interval."
ROC_ACROSS = "share of benign specimens wrongly called malignant"
ROC_UP = "share of malignant specimens found"
CALIBRATION_TITLE = "Of specimens with a probability of {said} %, about {found} in 100 are malignant"
CALIBRATION_LEAD = (
    "If the model is [calibrated], the line lies on the dotted diagonal. The band is the 95 % interval; it "
    "is wide in the middle, because few specimens get such a probability."
)
CALIBRATION_ACROSS = "predicted probability"
CALIBRATION_UP = "share that was malignant"
DECISIONS_TITLE = {
    True: "Deciding by the model is better than treating all, or none",
    False: "The net benefit of deciding by the model",
}
DECISIONS_LEAD = (
    "The line is the [net benefit] of treating those at or above the threshold. Dashed: treating all. "
    "Dotted: treating none."
)
DECISIONS_UP = "net benefit"
TIME_TITLE = (
    "In later years it raised {low} to {high} false alarms in 100 benign specimens and missed at most "
    "{missed} of the cancers"
)
TIME_LEAD = (
    "The model was fitted on all patients up to a year and tested on all patients after it: the same "
    "hospital, but later. Cross-validation mixes the years, so this is the harder test. The scale of the "
    "intervals runs from 80 % to 100 %. If the model is adjusted to how common cancer became, it raises "
    "fewer false alarms."
)
TIME_HEADS = (
    "Fitted up to",
    "Benign + malignant after",
    "Benign cleared",
    "Benign cleared, adjusted",
    "Cancers found",
    "[ROC AUC]",
)
OF = "{hits} of {of}"
LATER_TITLE = {
    True: "It found all {of} cancers that came later",
    False: "It found {found} of {of} later cancers",
}
LATER_LEAD = (
    "These patients came to the same hospital after the data had been collected, so no model had seen them. "
    "It gave {half} of the {of} a probability above 50 %, and found {close} too close to call. With so few, "
    "the true sensitivity could be as low as {low}. All had cancer, so this says nothing about false alarms."
)
LATER_ACROSS = "probability of malignancy; dotted: the threshold, {threshold}"
AGAIN_TITLE = "Measuring again would change about {about} in 100 diagnoses"
AGAIN_LEAD = (
    "Some patients with cancer were measured twice; by the second measurements, too, the model found "
    "{found}. Between the two, measurements differ by {low} to {high} (most: {widest}). Differences of that "
    "size change the diagnosis of {turned} of all specimens, and turn the verdict of {opposed} into its "
    "opposite."
)
DRIFT_TITLE = "In 1992 the instrument began to measure {rise} % more texture"
DRIFT_LEAD = (
    "With so much more texture, false alarms among the {of} benign specimens would rise from {before} to "
    "{after}. A model must be watched where its instrument changes."
)
COMPARISON_TITLE = {
    True: "None of the {count} models compared has a smaller log loss",
    False: "Compared with other models",
}
COMPARISON_LEAD = (
    "All were fitted and tested on the same splits. A smaller [log loss] is better. The dot is the "
    "difference from this model and the line its 95 % interval; if the line crosses zero, the difference "
    "could be chance."
)
COMPARISON_HEADS = ("Model", "Log loss", "Difference", "", "[ROC AUC]", "Sensitivity", "Specificity")
COMPARISON_THIS = "this model"
HARD_TITLE = "Nearly every model misses the same {count} cancers"
HARD_LEAD = (
    "They make up {share} of the log loss. Such a specimen may be mislabelled or badly sampled, or it may be "
    "a cancer that looks benign under the microscope. The data cannot tell which, so none was removed or "
    "relabelled."
)
HARD_HEADS = (
    "Specimen",
    "It was",
    "[Out-of-sample] probability",
    "Models that are wrong",
    "What is unusual about it",
)
HARD_SMALLER = "{feature} smaller than in {among} specimens"
HARD_LARGER = "{feature} larger than in {among} specimens"
HARD_ALL = "all other"
HARD_SOME = "{count} of 100"
HARD_AND = "; "
PROMISE_TITLE = "What the three words promise"
PROMISE_LEAD = (
    "At most 2 in 100 malignant specimens should be called benign, and at most 2 in 100 benign ones "
    "malignant: the level of {level}. This was checked on specimens that had no part in setting the limits "
    "([prediction sets]). Where both kinds, or neither, score like this, the verdict is “too close to call”. "
    "The counts are means of {repeats} repeats."
)
VERDICT_HEADS = ("Verdict", "Malignant", "Benign", "[Likelihood ratio]")
PROMISE_HEADS = ("Level", "Promise kept, malignant", "Promise kept, benign", "Too close to call")
NEIGHBOURS_TITLE = "How the 20 nearest specimens turned out is a fair estimate"
NEIGHBOURS_LEAD = (
    "Each answer shows the 20 specimens that scored nearest. Where a given share of them was malignant, "
    "about that share of new specimens is, too. The lines are 95 % intervals."
)
NEIGHBOURS_ACROSS = "share of the 20 nearest that was malignant"
SUBGROUPS_TITLE = "Where it is better, and where it is worse"
SUBGROUPS_LEAD = "Only {count} specimens with {group} were malignant, so the sensitivity there is rough."
SUBGROUPS_HEADS = ("Group", "Malignant", "Sensitivity", "Specificity")
GROUP_FIRST = "{feature} up to {to:.3g} {unit}"
GROUP = "{feature} {above:.3g} to {to:.3g} {unit}"
GROUP_LAST = "{feature} above {above:.3g} {unit}"
LIMITS_TITLE = "What this does not show"
EVIDENCE_LIMITS = (
    "All 569 specimens are from one hospital around 1990, and 37 % of them are malignant. The model has "
    "never been tested elsewhere.",
    "Taking the aspirate and tracing the nuclei are part of the measurement. Other operators would get "
    "other numbers.",
    "It is about lumps that a physician already found suspicious enough for a needle. It is not a screening "
    "test.",
    "The numbers of one specimen do not show at which magnification it was measured. If all lengths were "
    "1.2 times as long, 14 % of the diagnoses would change, and no warning would say so.",
)
LIMIT_WARNINGS = (
    "A warning does not mean that an answer is wrong: {unseen} of real specimens that the model has not seen "
    "get one, and {seen} of those that it has learnt from."
)
LIMIT_OPTIMISM = (
    "Choosing the best of {count} settings by cross-validation makes the [log loss] look about {gain} better "
    "than it is. The figures above are free of this error."
)
MODEL_CARD = "The model card"

# use it
USE_IT = "Use it"
USE_IT_TITLE = "Use this model in your own program or page"
USE_IT_LEAD = "Here is code for the case on screen, ready to run. You do not need a key."
USE_IT_COPY = "Copy"
USE_IT_CODE = "{title}, the code"
SNIPPETS = {
    "curl": (
        "From the command line",
        "JSON over REST; see <a href='v1/docs' target='_blank'>the full API reference</a>.",
    ),
    "python": ("From Python", "With Gradio’s own client."),
    "javascript": ("From JavaScript", "With Gradio’s own client, in a browser or in Node."),
    "agent": (
        "From an AI agent",
        "Over the Model Context Protocol (MCP). Put this in the settings of the agent.",
    ),
    "iframe": (
        "In your page",
        "A frame with the answer and ten sliders at a time. It opens with the case on screen.",
    ),
}
PAPERS_TITLE = "About the model"
PAPERS_VERSION = "Version"
PAPERS_SHA256 = "sha256"
PAPERS = (
    (
        "Model card",
        "The end of “How good is it?” says what the model is for, how it was made and where it fails.",
    ),
    ("Licence", "Code and model are under Apache-2.0, the data under CC BY 4.0."),
    (
        "Data",
        "Wolberg W., Mangasarian O., Street N., Street W. (1993). Breast Cancer Wisconsin (Diagnostic). "
        'UCI Machine Learning Repository. <a href="https://doi.org/10.24432/C5DW2B" target="_blank" '
        'rel="noopener">doi.org/10.24432/C5DW2B</a>',
    ),
)

# score a file: SCORE_WORDS go to the script, which draws what REST answers
SCORE = "Score a file"
SCORE_TITLE = "Score many specimens at once"
SCORE_LEAD = (
    "Bring a table with one specimen in each row and a column for each of the 30 features, in any order and "
    "under any common column names (files from Kaggle and UCI work unchanged). Other columns are kept. The "
    "table is deleted as soon as it is answered."
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
    "again": RETRY,
    "anyway": "Score it anyway",
    "in_order": "Read the numbers in the usual order",
    "is_malignant": "{code} means malignant",
    "download": "Download all rows with their results",
    "open": LOAD,
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
        "The height of each bar is the number of rows with that probability of malignancy. Blue is benign, "
        "orange is malignant, and grey is too close to call."
    ),
    "probability": PROBABILITY,
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
    "all_features": "Show all {count} features",
    "sure": "more than chance explains",
    "unsure": "could be chance",
    "rows": "The rows worth looking at first",
    "rows_lead": (
        "First come those that are too close to call, then those that differ from your table’s diagnosis, "
        "then those with warnings, then others. Each opens in Explore. The download holds all rows."
    ),
    "rows_heads": ["Line", "Probability", "Verdict", "It was", "What to look at", ""],
    "reasons": {"wrong": "Differs from the table’s diagnosis."},
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

# terms that a reader can ask about, in small letters: ``[Log loss]`` in a sentence is explained by "log loss"
TERMS = {
    "log-odds": (
        "The logarithm of the odds. Odds of 3 to 1 are 1.1 log-odds, even odds are 0; contributions add up "
        "on this scale, which they do not do in per cent."
    ),
    "contributions": "How far one measurement moves the log-odds from those of the median specimen.",
    "standard deviations": (
        "The usual distance of specimens from their mean, here on the logarithm of the measurement. About "
        "two thirds of all specimens lie within one standard deviation (SD) of the mean."
    ),
    "distance": (
        "The straight-line distance between the two specimens’ contributions, in log-odds. At 0 the model "
        "cannot tell them apart."
    ),
    "out-of-sample": (
        "From models that were fitted without this specimen (out-of-fold), so that they had never seen it."
    ),
    "sensitivity": "Of 100 malignant specimens, how many are called malignant.",
    "specificity": "Of 100 benign specimens, how many are called benign.",
    "roc auc": (
        "The area under the ROC curve: how often a malignant specimen gets a higher probability than a "
        "benign one, if one of each is drawn at random. 0.5 is guessing, 1 is perfect."
    ),
    "log loss": (
        "A penalty for confident mistakes, averaged over all specimens. 0 is perfect; always saying 50 % "
        "gives 0.69."
    ),
    "calibrated": "A model is calibrated if, of the specimens it gives 80 %, about 80 in 100 are malignant.",
    "95 % interval": (
        "If other patients had been examined, the figure would be somewhat different; 95 of 100 such "
        "intervals contain the true value."
    ),
    "likelihood ratio": (
        "How much more often this result occurs in malignant than in benign specimens. It multiplies the "
        "odds: 10 turns odds of 1 to 2 into 5 to 1, and 0.1 turns them into 1 to 20."
    ),
    "positive predictive value": "Of 100 specimens called malignant, how many are malignant.",
    "negative predictive value": "Of 100 specimens called benign, how many are benign.",
    "prevalence": "The share of malignant specimens among all that are examined.",
    "net benefit": (
        "Cancers found, minus false alarms at the price that the threshold implies, per specimen. At a "
        "threshold of 10 % one missed cancer counts as much as nine false alarms."
    ),
    "cross-validation": (
        "The specimens are split into ten parts; each part is judged by a model fitted on the other nine, so "
        "no specimen is judged by a model that has seen it."
    ),
    "prediction sets": (
        "The diagnoses that fit a probability: a diagnosis is left out if at most 2 in 100 specimens of that "
        "kind score so far off (class-conditional conformal prediction)."
    ),
}
