"""What most demos on these data do: thirty sliders, a random forest trained at start, a Label."""

import os

import gradio as gr
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier


def main() -> None:
    data = load_breast_cancer()
    forest = RandomForestClassifier(random_state=0).fit(data.data, data.target)

    def predict(*values: float) -> dict[str, float]:
        benign = float(forest.predict_proba([values])[0, 1])
        return {"malignant": 1 - benign, "benign": benign}

    columns = zip(data.feature_names, data.data.T, strict=True)
    sliders = [gr.Slider(x.min(), x.max(), value=x.mean(), label=name) for name, x in columns]
    page = gr.Interface(predict, sliders, gr.Label(), api_name="predict")
    page.launch(server_name=os.environ["HOST"], server_port=int(os.environ["PORT"]), ssr_mode=False)


if __name__ == "__main__":
    main()
