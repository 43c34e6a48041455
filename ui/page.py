"""The page, first cut: thirty sliders beside the verdict."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from model.classifier import Classifier, Prediction
from model.features import BY_NAME, FEATURES, MEASUREMENTS, STATISTICS
from model.specimen import InvalidSpecimen, Specimen


def create_page(classifier: Classifier, cases: Mapping[str, Any]) -> gr.Blocks:
    """The demo as Gradio blocks; nothing is stored."""

    def judge(*values: float) -> str:
        try:
            return _verdict(classifier.predict(Specimen.from_sequence(values)))
        except InvalidSpecimen as error:
            raise gr.Error(str(error)) from error

    reference = classifier.reference.tolist()
    page: gr.Blocks = gr.Blocks(title="Breast FNA Explorer")
    with page:
        gr.Markdown("# Breast FNA Explorer\nA teaching demo, not a medical device.")
        with gr.Row():
            with gr.Column(scale=3):
                sliders = {}
                for measurement in MEASUREMENTS:
                    with gr.Row():
                        for statistic in STATISTICS:
                            feature = BY_NAME[f"{measurement.name}_{statistic.suffix}"]
                            sliders[feature.name] = gr.Slider(
                                feature.slider_low, feature.slider_high, step=feature.step,
                                value=reference[FEATURES.index(feature)], label=feature.label,
                            )  # fmt: skip
            ordered = [sliders[feature.name] for feature in FEATURES]
            with gr.Column(scale=2):
                verdict = gr.HTML(_verdict(classifier.predict(Specimen(tuple(reference)))))
                for case in cases["cases"]:
                    values = list(case["features"].values())
                    gr.Button(case["title"]).click(
                        lambda values=values: [*values, judge(*values)], None, [*ordered, verdict],
                        queue=False, api_visibility="private",
                    )  # fmt: skip
        gr.on(
            [slider.release for slider in ordered], judge, ordered, verdict,
            queue=False, api_visibility="private",
        )  # fmt: skip
    return page


def _verdict(prediction: Prediction) -> str:
    shares = zip(FEATURES, prediction.contributions, strict=True)
    top = sorted(shares, key=lambda share: -abs(share[1]))[:8]
    rows = "".join(f"<li>{feature.label}: {share:+.2f}</li>" for feature, share in top)
    low, high = prediction.interval
    warnings = "".join(f"<p>{caution.message}</p>" for caution in prediction.warnings)
    return (
        f"<h2>{prediction.verdict.capitalize()}</h2><p>Probability of malignant {prediction.probability:.1%} "
        f"({low:.1%} to {high:.1%})</p><ul>{rows}</ul>{warnings}"
    )
