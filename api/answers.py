"""Answers as Starlette sends them; what the paths of REST and the middlewares before them share."""

from starlette.responses import Response

from api.problems import MEDIA_TYPE, Problem


def told(problem: Problem) -> Response:
    """The answer that tells a problem."""
    return Response(problem.content(), problem.status, problem.headers, MEDIA_TYPE)


def json_answer(content: bytes) -> Response:
    return Response(content, media_type="application/json")
