"""Column names as people write them: understood where one reading is possible, else a suggestion."""

from itertools import product

from model.features import BY_NAME, FEATURES, NAMES
from model.names import resolve, resolve_all, suggest

# headers of public files of these data, as patterns of measurement m and statistic s
STYLES = {
    "ours, Kaggle": ("{m}_{s}", ("mean", "se", "worst")),
    "scikit-learn": ("{s} {m}", ("mean", "error", "worst")),
    "UCI": ("{m}{s}", ("1", "2", "3")),
    "numbers behind": ("{m}_{s}", ("1", "2", "3")),
    "dslabs": ("x.{m}_{s}", ("mean", "se", "worst")),
    "parentheses": ("{m} ({s})", ("mean", "standard error", "worst")),
    "brackets": ("{m}[{s}]", ("Mean", "SE", "Worst")),
    "stderr": ("{m}.{s}", ("mean", "stderr", "worst")),
    "camel": ("{m}{s}", ("Mean", "SE", "W")),
    "standard deviation": ("{s} {m}", ("mean", "std", "worst")),
    "std_dev": ("{m}_{s}", ("mean", "std_dev", "max")),
    "StatLib": ("{m}.{s}", ("mv", "sd", "ev")),
    "mclust": ("{m}_{s}", ("mean", "se", "extreme")),
    "capitals": ("{m}_{s}", ("MEAN", "SE", "MAX")),
    "words": ("{s} of the {m}", ("Average", "Standard error", "Largest value")),
    "quoted": ("'{m}-{s}'", ("avg", "err", "largest")),
    "transformer": ("num__{m}_{s}", ("mean", "se", "worst")),
    "small letters together": ("{m}{s}", ("mean", "se", "worst")),
    "or": ("{s} {m}", ("mean", "SE", "worst/largest")),
    "max mean": ("{m}_{s}", ("mean", "sd", "max_mean")),
}
# a style of names, and the names that are irregular in it
ALONE = {
    "concave_pts_mean": "concave_points_mean",
    "x.concave_pts_se": "concave_points_se",
    "fractal_dim_worst": "fractal_dimension_worst",
    "Fractaldim_extreme": "fractal_dimension_worst",
    "Nconcave_mean": "concave_points_mean",
    "concave points3": "concave_points_worst",
    "number of concave points, mean": "concave_points_mean",
    "perim_mean": "perimeter_mean",
}
STRANGERS = (
    *("", "mean", "radius", "area", "radius_m", "id", "diagnosis", "Unnamed: 32", "outcome", "time"),
    *("radius_mean_mean", "radius_mean_1", "mean_worst_radius", "radius_mean_se", "concave_mean"),
    *("log radius_mean", "1/radius_mean", "radius_mean^2", "radius_mean %", "radius_mean="),
    *("delta.radius_mean", "radius_median", "radius_min", "radius_meen", "radius mean (mm)"),
    *("x" * 100_000, "radius_mean" + " " * 100),
)


def test_the_names_of_public_files_and_abbreviations_are_understood() -> None:
    for (pattern, statistics), feature in product(
        STYLES.values(), (f for f in FEATURES if f.statistic.suffix)
    ):
        word = dict(zip(("mean", "se", "worst"), statistics, strict=True))[feature.statistic.suffix]
        for measurement in (feature.measurement.name, feature.measurement.label):
            name = pattern.format(m=measurement, s=word)
            assert resolve(name) == feature.name, name
            assert resolve(name.upper()) == resolve(f' "{name}" ') == feature.name, name
    assert {name: resolve(name) for name in ALONE} == ALONE


def test_a_name_that_may_mean_something_else_is_not_understood() -> None:
    assert [name for name in STRANGERS if resolve(name) is not None] == []


def test_of_several_names_the_plainest_counts_and_a_word_alone_is_the_mean_where_nothing_else_is() -> None:
    for mean, tail in (("{}", ""), ("{}_m", ""), ("{}", "_2")):
        names = [
            f.name if f.statistic.suffix != "mean" else mean.format(f.measurement.name) for f in FEATURES
        ]
        assert resolve_all(names) == list(NAMES)
        with_means = [*names, *(f"{f.name}{tail}" for f in FEATURES if f.statistic.suffix == "mean")]
        assert resolve_all(with_means)[:10] == (list(NAMES[:10]) if tail else [None] * 10)
    assert resolve_all(["concave_mean", "concavity_mean"]) == ["concave_points_mean", "concavity_mean"]
    assert resolve_all(["radius_sd", "radius_se", "area_max"]) == [None, "radius_se", "area_worst"]
    assert resolve_all(["radius_se", "radius error"]) == ["radius_se", "radius_se"]


RADIUS = ("radius_mean", "radius_se", "radius_worst")
SUGGESTED: dict[str, tuple[str, ...]] = {
    "radius_meen": ("radius_mean",), "adius2": ("radius_se",), "wrost area": ("area_worst",),
    "concativity_mean": ("concavity_mean",), "smothness_worst": ("smoothness_worst",),
    "perimiter.stderr": ("perimeter_se",), "Fractal_dimention_SE": ("fractal_dimension_se",),
    "symetryMean": ("symmetry_mean",), "log radius_mean": ("radius_mean",), "radius": RADIUS,
    "radius_median": RADIUS, "radius_min": RADIUS, "radius_sum": RADIUS,
    "smoothness_worst_mean": ("smoothness_mean", "smoothness_se", "smoothness_worst"),
    "radius_worst_mean_se": (), "blood_pressure": (), "mean": (), "time_worst": (), "": (), "é" * 1000: (),
}  # fmt: skip


def test_the_nearest_is_suggested_and_never_another_statistic() -> None:
    assert {name: suggest(name) for name in SUGGESTED} == SUGGESTED
    for name in NAMES:
        for i in range(len(name)):
            near = suggest(name[:i] + name[i + 1 :])
            own = BY_NAME[name]
            assert set(near) <= {f.name for f in FEATURES if f.measurement is own.measurement}
            assert len(near) in (0, 3) or near == (name,)
