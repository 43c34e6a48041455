"""An empty FastAPI route that takes the same thirty named numbers and answers nothing."""

import os

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, create_model

from model.features import NAMES

Features: type[BaseModel] = create_model("Features", **dict.fromkeys(NAMES, (float, ...)))  # type: ignore[call-overload]
Body: type[BaseModel] = create_model("Body", features=(Features, ...))

app = FastAPI()


@app.post("/v1/predict")
async def predict(body: Body) -> dict[str, str]:  # type: ignore[valid-type]
    return {"status": "ok"} if body else {}


@app.get("/")
async def first_page() -> dict[str, str]:
    return {}


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")
