"""The REST door, FastAPI under /v1; reads JSON, hands it to the model, and says what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from api.body import PROBLEM, invalid_specimen, read_specimen, write_json
from model.classifier import Classifier
from model.features import FEATURES
from model.specimen import InvalidSpecimen


class _Json(JSONResponse):
    def render(self, content: Any) -> bytes:
        return write_json(content)


def create_api(classifier: Classifier, cases: Mapping[str, Any]) -> FastAPI:
    """The application to mount at ``/v1``.

    Args:
        classifier: answers the predictions.
        cases: the parsed ``cases.json``.
    """
    api = FastAPI(title="Breast FNA Explorer", version=classifier.info.version, redoc_url=None)

    @api.exception_handler(InvalidSpecimen)
    async def invalid(_: Request, error: InvalidSpecimen) -> Response:
        return _Json(invalid_specimen(error), 422, media_type=PROBLEM)

    @api.post("/predict", openapi_extra=_predict_schema())
    async def predict(request: Request) -> Response:
        specimen = read_specimen(await request.body())
        return _Json(classifier.predict(specimen).to_dict())

    @api.get("/features")
    async def features() -> Response:
        return _Json({"features": [_describe(feature) for feature in FEATURES]})

    @api.get("/cases")
    async def showcase() -> Response:
        return _Json(dict(cases))

    @api.get("/model")
    async def model() -> Response:
        about = {
            k: v
            for k, v in classifier.document.items()
            if k not in {"curves", "interval", "novelty", "relations"}
        }
        return _Json(about | {"sha256": classifier.info.sha256})

    @api.get("/health")
    async def health() -> Response:
        return _Json({"status": "ok", "model": classifier.info.version})

    return api


def _describe(feature: Any) -> dict[str, Any]:
    return {
        "name": feature.name,
        "label": feature.label,
        "meaning": f"{feature.measurement.meaning}; {feature.statistic.meaning}",
        "unit": feature.unit,
        "low": feature.low,
        "high": feature.high,
        "step": feature.step,
        "aliases": list(feature.aliases),
    }


def _predict_schema() -> dict[str, Any]:
    number = {"type": "number", "minimum": 0}
    named = {
        "type": "object",
        "required": [feature.name for feature in FEATURES],
        "properties": {feature.name: number | {"description": feature.label} for feature in FEATURES},
        "additionalProperties": False,
    }
    listed = {"type": "array", "items": number, "minItems": len(FEATURES), "maxItems": len(FEATURES)}
    schema = {
        "type": "object",
        "required": ["features"],
        "properties": {"features": {"oneOf": [named, listed]}},
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
