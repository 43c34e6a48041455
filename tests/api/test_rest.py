"""REST answers what the model says, and bad bodies with every fault named."""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.rest import create_api
from api.scoring import Scoring
from model.classifier import Classifier
from model.explain import Reference
from model.features import NAMES
from training.data import Specimens


@pytest.fixture(scope="module")
def client(classifier: Classifier, cases: list[dict[str, object]], reference: Reference) -> TestClient:
    api = create_api(classifier, {"cases": cases}, reference, Scoring(classifier))
    return TestClient(api, raise_server_exceptions=False)


def test_every_real_specimen_gets_the_models_answer(
    client: TestClient, classifier: Classifier, rows: Specimens
) -> None:
    expected = classifier.probabilities(rows.values)
    for values, probability in zip(rows.values.tolist(), expected, strict=True):
        answer = client.post("/v1/predict", json={"features": dict(zip(NAMES, values, strict=True))})
        assert answer.status_code == 200
        assert answer.json()["probability"] == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "1", "null", '"x"', "{}", '{"features": null}', '{"features": 1}', '{"features": []}',
        '{"features": [1, 2]}', '{"features": {}}', '{"features": "1,2"}', "NaN", '{"features": NaN}',
        '{"features": [' + "NaN," * 29 + "NaN]}", '{"features": [' + "Infinity," * 29 + "1e999]}",
        '{"features": {"radius_mean": 1, "radius_mean": 2}}', "[" * 100_000, "\x00", '{"features": {"": 1}}',
        '{"features": [' + "1" * 5000 + "]}",
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_by_name(client: TestClient, body: str) -> None:
    answer = client.post("/v1/predict", content=body.encode())
    assert answer.status_code == 422
    faults = answer.json()["faults"]
    assert faults
    assert all(fault["feature"] in fault["message"] for fault in faults)
    assert "Traceback" not in answer.text


def test_features_cases_and_model_are_described(client: TestClient) -> None:
    assert [f["name"] for f in client.get("/v1/features").json()["features"]] == list(NAMES)
    assert len(client.get("/v1/cases").json()["cases"]) >= 10
    assert client.get("/v1/model").json()["sha256"]
    assert client.get("/v1/health").json()["status"] == "ok"


def test_an_answer_is_json_that_sums(client: TestClient, rows: Specimens) -> None:
    body = json.dumps({"features": rows.values[0].tolist()})
    answer = client.post("/v1/predict", content=body).json()
    total = answer["reference_logit"] + np.sum([c["contribution"] for c in answer["contributions"]])
    assert total == pytest.approx(answer["logit"], abs=1e-9)
