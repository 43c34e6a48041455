"""REST gives the answers of the model, and names every fault of a wrong body."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from model.classifier import Classifier
from model.features import NAMES
from tests.api.conftest import Door
from training.data import Specimens


def named(fault: dict[str, str]) -> bool:
    """Whether a fault's message says where; a name that nobody knows is quoted, and may be unprintable."""
    return fault["feature"] in fault["message"] or (fault["code"] == "unknown" and "'" in fault["message"])


@pytest.fixture(scope="module")
def client(door: Door) -> TestClient:
    return door()


def test_every_real_specimen_gets_the_models_answer(
    client: TestClient, classifier: Classifier, rows: Specimens
) -> None:
    expected = classifier.probabilities(rows.values)
    for values, probability in zip(rows.values.tolist(), expected, strict=True):
        answer = client.post("/v1/predict", json={"features": dict(zip(NAMES, values, strict=True))})
        assert answer.status_code == 200
        assert answer.json()["probability"] == pytest.approx(probability, abs=1e-9)


def test_features_cases_and_model_are_described(
    client: TestClient, classifier: Classifier, cases: list[dict[str, object]]
) -> None:
    assert [f["name"] for f in client.get("/v1/features").json()["features"]] == list(NAMES)
    assert client.get("/v1/cases").json()["cases"] == cases
    assert client.get("/v1/model").json()["sha256"] == classifier.info.sha256
    for path in ("/v1/health", "/v1/ready"):
        assert client.get(path).json() == {"status": "ok", "model": classifier.info.version}
    for path in ("/v1/features", "/v1/cases", "/v1/model", "/v1/docs", "/v1/openapi.json"):
        first = client.get(path)
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")  # it is not sent twice
        assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content


def test_many_specimens_are_answered_in_order_or_none_with_the_faults_of_each(
    client: TestClient, rows: Specimens
) -> None:
    named = [dict(zip(NAMES, values, strict=True)) for values in rows.values[:3].tolist()]
    listed = [list(specimen.values()) for specimen in named]
    wrapped = [{"features": specimen} for specimen in named]
    alone = [client.post("/v1/predict", json={"features": specimen}).json() for specimen in named]
    for body in (named, listed, wrapped, {"specimens": named}, {"specimens": wrapped}):
        assert client.post("/v1/predict", json=body).json() == {"predictions": alone}
    good = listed[0]
    assert len(client.post("/v1/predict", json=[good] * 1000).json()["predictions"]) == 1000
    for sent, faults in (
        ([good] * 1001, [(None, "specimens", "wrong_length")]),
        (
            [good, [-1, *good[1:]], good, [*good[:-1], "x"]],
            [(1, NAMES[0], "negative"), (3, NAMES[-1], "not_a_number")],
        ),
    ):
        answer = client.post("/v1/predict", json=sent)
        assert answer.status_code == 422
        found = [(f.get("specimen"), f["feature"], f["code"]) for f in answer.json()["faults"]]
        assert found == faults
    # of thirty thousand faults, the answer names the first hundred
    assert len(client.post("/v1/predict", json=[{}] * 1000).json()["faults"]) == 100


def test_a_name_that_is_given_twice_is_refused(client: TestClient, rows: Specimens) -> None:
    """A parser of JSON keeps the last of two values, so one of the two would be lost without a word."""
    features = json.dumps(dict(zip(NAMES, rows.values[0].tolist(), strict=True)))
    twice = f'{features[:-1]}, "{NAMES[0]}": 1}}'
    for body in (
        f'{{"features": {twice}}}',
        twice,
        f"[{twice}]",
        f'{{"features": {features}, "features": 1}}',
    ):
        answer = client.post("/v1/predict", content=body)
        assert (answer.status_code, {fault["code"] for fault in answer.json()["faults"]}) == (
            422,
            {"duplicate"},
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FEATURES = st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON, max_size=40) | st.lists(
    JSON, max_size=40
)


@settings(deadline=None, max_examples=300)
@given(body=st.binary() | JSON.map(json.dumps) | st.builds(lambda f: json.dumps({"features": f}), FEATURES))
def test_whatever_is_sent_is_refused_by_name(client: TestClient, body: bytes | str) -> None:
    answer = client.post("/v1/predict", content=body)
    assert answer.status_code == 422
    assert all(map(named, json.loads(answer.content.decode("utf-8"))["faults"]))


def test_other_services_shapes_are_understood_where_they_have_one_reading(
    client: TestClient, rows: Specimens
) -> None:
    values = rows.values[0].tolist()
    named = dict(zip(NAMES, values, strict=True))
    alone = client.post("/v1/predict", json={"features": named}).json()
    texts = {name: str(value) for name, value in named.items()}
    for body in (named, values, {"inputs": named}, {"inputs": values}, {"features": texts}, texts):
        assert client.post("/v1/predict", json=body).json() == alone
    many = client.post("/v1/predict", json={"specimens": [named, values]}).json()
    for body in ({"instances": [values, named]}, {"inputs": [named, values]}):
        assert client.post("/v1/predict", json=body).json() == many
    answer = client.post("/v1/predict", json={"features": [values]})
    assert (answer.status_code, '"specimens"' in answer.json()["detail"]) == (422, True)
