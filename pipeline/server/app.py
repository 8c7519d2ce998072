"""The web application: sentiment and its reasons over HTTP, and the page. ``pipeline.server.serve`` runs it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Optional, Tuple, Type, Union

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, ValidationError, create_model
from starlette.exceptions import HTTPException
from typing_extensions import Annotated, Literal

import pipeline
from pipeline.classifier import Sentiment
from pipeline.errors import PipelineError
from pipeline.server.limits import BUSY, Guard, Limits, Refused
from pipeline.server.microbatch import Answer, Full, MicroBatcher

STATIC = Path(__file__).with_name("static")
NO_WORD = "no word in this text"
NO_KNOWN_WORD = "no word in this text that the network knows"
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)')


class Verdict(BaseModel):
    """The answer for one text."""

    label: Literal["positive", "negative", "unsure"] = Field(description="unsure: the network knows no word of it")
    probability: float = Field(description="of the likelier of positive and negative, from 0.5 to 1")
    positive: float = Field(description='probability of "positive", from 0 to 1')
    words: int = Field(description="words in the text")
    unknown: float = Field(description="share of them that the network does not know")
    cut: bool = Field(description="whether the text is longer than what the network reads")
    message: str = Field(description="the answer as a sentence")


class Failure(BaseModel):
    """What went wrong."""

    error: str


class Results(BaseModel):
    """An answer for each text, in their order; or why there is none."""

    results: List[Union[Verdict, Failure]]


class Explanation(BaseModel):
    """The attribution of each word, and the probability along the text."""

    words: List[str] = Field(description="as the network reads them")
    attributions: List[float] = Field(description="of each word, in units of the logit")
    offsets: List[List[int]] = Field(description="where each word is in the text: first character, one past last")
    logit: float = Field(description="of positive")
    baseline_logit: float = Field(description="the logit of zero vectors in place of the words")
    positive: float = Field(description='probability of "positive", from 0 to 1')
    label: Literal["positive", "negative"]
    prefix_probabilities: List[float] = Field(description='probability of "positive" after each word')


class Health(BaseModel):
    """Whether the server answers, and with what."""

    ready: bool
    model: str
    version: str
    explains: bool = Field(description="whether the model says why: /v1/explain")
    limits: Dict[str, int]


def create_app(classifier: Any, limits: Limits, name: str = "") -> FastAPI:
    """Make the web application.

    Parameters
    ----------
    classifier : SentimentClassifier
        Or anything with its method ``try_infer``; if its ``explains`` is true, it has ``explain`` too, and
        ``/v1/explain`` answers. Both are called in one thread alone.
    limits : Limits
    name : str
        The model's, for ``/health`` and the page.

    Returns
    -------
    FastAPI
        An ASGI application. Its lifespan starts the engine's thread, and ends when all that was taken is answered.
    """
    batcher = MicroBatcher(limits.batch, limits.waiting)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with batcher:
            (app.state.explains,) = await ask(lambda _: [_can_explain(classifier)], ["good"])
            yield

    app = FastAPI(
        title="Sentiment of film reviews",
        version=pipeline.__version__,
        description=f"At most {limits.texts:,} texts of {limits.characters:,} characters in a request.",
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever the header Host says
        lifespan=lifespan,
        exception_handlers={Refused: _refused, HTTPException: _http_error, Exception: _internal_error},
    )
    app.add_middleware(Guard, limits=limits)
    one_text, any_texts = _request_bodies(limits)

    def answer(texts: List[str]) -> List[Union[Verdict, Failure]]:
        return [_result(found) for found in classifier.try_infer(texts)]

    def explain(texts: List[str]) -> List[Dict[str, Any]]:
        return [classifier.explain(text).to_dict() for text in texts]

    async def ask(engine: Answer, texts: List[str], alone: bool = False) -> List[Any]:
        try:
            future = asyncio.wrap_future(batcher.submit(engine, texts, alone))
            return await asyncio.wait_for(future, limits.seconds)
        except (Full, asyncio.TimeoutError):
            raise Refused(503, BUSY) from None

    @app.post("/v1/sentiment", **_described(any_texts, Results, 503))
    async def sentiment(request: Request) -> Response:
        """Say of one text or of many whether it is positive: a result for each, in their order."""
        asked = await _parse(any_texts, request)
        results = await ask(answer, asked.texts if hasattr(asked, "texts") else [asked.text])
        if hasattr(asked, "text") and isinstance(results[0], Failure):
            raise Refused(422, results[0].error)
        return Response(Results.model_construct(results=results).model_dump_json(), media_type="application/json")

    @app.post("/v1/explain", **_described(one_text, Explanation, 501, 503))
    async def explanation(request: Request) -> Response:
        """Say what each word of a text added to the answer."""
        asked = await _parse(one_text, request)
        if not app.state.explains:
            raise Refused(501, "this model gives answers, but cannot explain them")
        try:
            (found,) = await ask(explain, [asked.text], alone=True)
        except PipelineError:
            raise Refused(422, NO_KNOWN_WORD) from None
        return JSONResponse(found)

    @app.get("/health")
    async def health() -> Health:
        """Say whether the server answers, with which model, and how much it takes."""
        return Health(
            ready=True, model=name, version=pipeline.__version__, explains=app.state.explains, limits=asdict(limits)
        )

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(STATIC / "docs.html")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def _can_explain(classifier: Any) -> bool:
    """Say whether it has reasons; and call it, so that nobody waits for the engine's first call."""
    classifier.try_infer(["good"])
    explains = getattr(classifier, "explains", False)
    if explains:
        with contextlib.suppress(PipelineError):  # it may not know the word
            classifier.explain("good")
    return explains


def _request_bodies(limits: Limits) -> Tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """Return what a request for one text, and one for one or many, may hold."""
    text: Any = Annotated[str, Field(max_length=limits.characters)]
    texts = Annotated[List[text], Field(max_length=limits.texts)]
    strict = ConfigDict(extra="forbid")
    one: Any = create_model("Text", __config__=strict, text=(text, ...))
    many: Any = create_model("Texts", __config__=strict, texts=(texts, ...))
    either = Union[Annotated[one, Tag("one")], Annotated[many, Tag("many")]]
    named = Discriminator(lambda body: "many" if isinstance(body, dict) and "texts" in body else "one")
    return TypeAdapter(one), TypeAdapter(Annotated[either, named])


def _result(found: Optional[Sentiment]) -> Union[Verdict, Failure]:
    if found is None:
        return Failure(error=NO_WORD)
    return Verdict.model_construct(**asdict(found), message=str(found))


async def _parse(body: TypeAdapter[Any], request: Request) -> Any:
    _check_headers(request)
    content = await request.body()
    encoding = json.detect_encoding(content)
    if encoding not in ("utf-8", "utf-8-sig"):
        raise Refused(415, f"expected JSON in UTF-8: this looks like {encoding.upper()}")
    try:
        return body.validate_json(content[len(codecs.BOM_UTF8) :] if encoding == "utf-8-sig" else content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("one", "many"))
        raise Refused(422, f"{where}: {first['msg']}" if where else first["msg"]) from None


def _check_headers(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "expected a body that is not compressed: send no content-encoding")
    types = [content_type.lower() for content_type in request.headers.getlist("content-type")]
    if [content_type.partition(";")[0].strip() for content_type in types] != ["application/json"]:
        raise Refused(415, "expected JSON: say content-type: application/json")
    charset = _CHARSET.search(types[0])
    if charset and charset[1] not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, f"expected JSON in UTF-8: content-type says charset={charset[1]}")


def _described(body: TypeAdapter[Any], answer: Type[BaseModel], *statuses: int) -> Dict[str, Any]:
    """Return what OpenAPI says of a route, whose handler parses the body itself: its limits are the app's own."""
    schema = body.json_schema()
    schema = {"oneOf": list(schema["$defs"].values())} if "$defs" in schema else schema  # nothing to look up
    return {
        "response_model": answer,
        "responses": {status: {"model": Failure} for status in (408, 413, 415, 422, *statuses)},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}},
    }


async def _refused(_: Request, refusal: Any) -> Response:
    return JSONResponse({"error": refusal.message}, refusal.status, refusal.headers)


async def _http_error(_: Request, error: Any) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _internal_error(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the server failed at this request; its log says why"}, 500)
