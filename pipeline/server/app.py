"""The web application: predictions and explanations over HTTP, and the page. `pipeline.server.serve` runs it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
import re
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, List, Optional, Protocol, Sequence, Tuple, Type, Union

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, ValidationError, create_model
from starlette.exceptions import HTTPException
from typing_extensions import Annotated, Literal

import pipeline
from pipeline.corpus.classes import class_names, is_sentiment
from pipeline.errors import PipelineError
from pipeline.model.predictor import Prediction, Sentiment
from pipeline.server.limits import BUSY, Guard, Limits, Refused
from pipeline.server.microbatch import Full, Function, MicroBatcher

STATIC = Path(__file__).with_name("static")
Explain = Callable[[str, Optional[str]], "ExplanationLike"]  # of a text and a class
NO_WORD = "no word in this text"
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)')


class ExplanationLike(Protocol):
    """What explains a prediction: `pipeline.explanation.explanation.Explanation`."""

    def to_dict(self) -> Dict[str, Any]:
        """Return all fields, ready for JSON."""


class PredictorLike(Protocol):
    """What predicts: a `Predictor`."""

    @property
    def classes(self) -> Sequence[str]:
        """Return the classes, in their order."""

    def try_infer(self, texts: List[str]) -> Sequence[Optional[Prediction]]:
        """Return the prediction for each text, None for one without words."""


class SentimentResponse(BaseModel):
    """The prediction for one text."""

    label: Literal["positive", "negative", "unsure"] = Field(
        description="unsure: no word of the text is in the vocabulary, or the probability is below the threshold"
    )
    probability: float = Field(description="of the likelier of positive and negative, from 0.5 to 1")
    positive: float = Field(description='probability of "positive", from 0 to 1')
    words: int = Field(description="tokens in the text, punctuation included")
    unknown: float = Field(description="fraction of those tokens that are not in the vocabulary")
    cut: bool = Field(description="whether the text is longer than the network's maximum length")
    message: str = Field(description="the prediction as a sentence")


class PredictionResponse(BaseModel):
    """The prediction for one text by a model of other classes than negative and positive."""

    label: str = Field(description="the likeliest class, of stars the median; unsure as for negative and positive")
    probability: float = Field(description="of the label")
    probabilities: Dict[str, float] = Field(description="of each class")
    words: int = Field(description="tokens in the text, punctuation included")
    unknown: float = Field(description="fraction of those tokens that are not in the vocabulary")
    cut: bool = Field(description="whether the text is longer than the network's maximum length")
    message: str = Field(description="the prediction as a sentence")


class Failure(BaseModel):
    """An error message."""

    error: str


class Results(BaseModel):
    """A prediction or an error for each text, in their order."""

    results: List[Union[SentimentResponse, PredictionResponse, Failure]]


class ExplanationResponse(BaseModel):
    """A prediction, the attribution of each word, and the probability along the text."""

    text: str
    label: str = Field(description="positive or negative; as in a prediction if the model has others")
    probability: float = Field(description="of the label")
    target: str = Field(description="what attributions larger than 0 speak for: positive, if that is a class")
    other: str = Field(description="what attributions less than 0 speak for: negative, or that it is not the target")
    target_probability: float = Field(description="probability of the target, from 0 to 1")
    words: List[str] = Field(description="as the network reads them")
    offsets: List[List[int]] = Field(description="where each word is in the text: first character, one past last")
    known: List[bool] = Field(description="whether each word is in the vocabulary")
    attributions: List[float] = Field(description="of each word, in units of the logit")
    prefix_probabilities: List[float] = Field(description="probability of the target after each word")
    other_attributions: Dict[str, float] = Field(description="of what is no word of the text, such as padding")
    logit: float = Field(description="of the target")
    baseline_logit: float = Field(description="the logit of zero vectors in place of the words")
    residual: float = Field(description="error of the numerical integration")
    num_unread: int = Field(description="words that the network does not read: truncated, or dropped as unknown")


class Health(BaseModel):
    """Whether the server is ready, with which model, and its limits."""

    ready: bool
    model: str = Field(description="the recipe's name; for the bundle of the package, that it comes with it")
    version: str
    classes: List[str] = Field(description="that it tells apart, in their order")
    explains: bool = Field(description="whether the model can explain predictions: /v1/explain")
    limits: Dict[str, int]


def create_app(predictor: PredictorLike, limits: Limits, name: str = "", explain: Optional[Explain] = None) -> FastAPI:
    """Make the web application.

    Parameters
    ----------
    predictor : Predictor
        Or anything with its ``classes`` and its method ``try_infer``, which is called in a single thread.
    limits : Limits
    name : str
        The model's, for ``/health`` and the page.
    explain : callable, optional
        Returns the `Explanation` of a text, and of a class or None, called in the same thread; without it
        ``/v1/explain`` answers 501.

    Returns
    -------
    FastAPI
        An ASGI application. Its lifespan starts the predictor's thread, and ends when all accepted jobs are done.
    """
    batcher = MicroBatcher(limits.batch, limits.waiting)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with batcher:
            await ask(warm_up, ["good"])
            yield

    app = FastAPI(
        title="Sentiment of film reviews" if is_sentiment(predictor.classes) else "Classes of texts",
        version=pipeline.__version__,
        description=f"At most {limits.texts:,} texts of {limits.characters:,} characters in a request.",
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever the header Host says
        lifespan=lifespan,
        exception_handlers={Refused: _refused, HTTPException: _http_error, Exception: _internal_error},
    )
    app.add_middleware(Guard, limits=limits)
    one_text, any_texts = _request_bodies(limits, class_names(predictor.classes))

    def predict(texts: List[str]) -> List[Optional[Prediction]]:
        return list(predictor.try_infer(texts))

    def explain_all(texts: List[str], target: Optional[str] = None) -> List[Dict[str, Any]]:
        return [explain(text, target).to_dict() for text in texts] if explain else []

    def warm_up(texts: List[str]) -> List[Any]:
        """Predict and explain once, so that no request waits for the network's first call."""
        with contextlib.suppress(PipelineError):  # the word may be unknown
            return [*predictor.try_infer(texts), *explain_all(texts)]
        return []

    async def ask(function: Function, texts: List[str], batchable: bool = True) -> List[Any]:
        try:
            future = asyncio.wrap_future(batcher.submit(function, texts, batchable))
            return await asyncio.wait_for(future, limits.seconds)
        except (Full, asyncio.TimeoutError):
            raise Refused(503, BUSY) from None

    @app.post("/v1/sentiment", **_described(any_texts, Results, 503))
    async def sentiment(request: Request) -> Response:
        """Predict the class of each text: positive or negative, if the model has no others."""
        asked = await _parse(any_texts, request)
        predictions = await ask(predict, asked.texts if hasattr(asked, "texts") else [asked.text])
        results = [_result(prediction and prediction.at_threshold(asked.threshold)) for prediction in predictions]
        if hasattr(asked, "text") and isinstance(results[0], Failure):
            raise Refused(422, results[0].error)
        return Response(Results.model_construct(results=results).model_dump_json(), media_type="application/json")

    @app.post("/v1/explain", **_described(one_text, ExplanationResponse, 501, 503))
    async def explanation(request: Request) -> Response:
        """Return the attribution of each word of a text."""
        asked = await _parse(one_text, request)
        if not explain:
            raise Refused(501, "this model predicts, but cannot explain its predictions")
        try:
            (found,) = await ask(partial(explain_all, target=asked.target), [asked.text], batchable=False)
        except PipelineError:
            raise Refused(422, "no word in this text that the network knows") from None
        return JSONResponse(found)

    @app.api_route("/health", methods=["HEAD"], include_in_schema=False)  # what load balancers ask
    @app.get("/health")
    async def health() -> Health:
        """Return whether the server is ready, with which model, and its limits."""
        return Health(
            ready=True,
            model=name,
            version=pipeline.__version__,
            classes=list(predictor.classes),
            explains=explain is not None,
            limits=asdict(limits),
        )

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(STATIC / "docs.html")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def _request_bodies(limits: Limits, classes: Sequence[str]) -> Tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """Return the schemas of a request with one text to explain, and of one with one text or several to classify."""
    text: Any = Annotated[str, Field(max_length=limits.characters)]
    texts = Annotated[List[text], Field(max_length=limits.texts)]
    strict = ConfigDict(extra="forbid")
    threshold: Any = (
        Optional[Annotated[float, Field(ge=0, le=1, strict=True)]],
        None,
    )  # below it a prediction is unsure
    target: Any = (Optional[Literal[tuple(classes)]], None)  # the class to explain
    one: Any = create_model("TextToExplain", __config__=strict, text=(text, ...), target=target)
    one_at: Any = create_model("TextAtThreshold", __config__=strict, text=(text, ...), threshold=threshold)
    many: Any = create_model("Texts", __config__=strict, texts=(texts, ...), threshold=threshold)
    either = Union[Annotated[one_at, Tag("one")], Annotated[many, Tag("many")]]
    named = Discriminator(
        _tag, custom_error_type="fields", custom_error_message='expected an object with "text" or "texts"'
    )
    return TypeAdapter(one), TypeAdapter(Annotated[either, named])


def _result(found: Optional[Prediction]) -> Union[SentimentResponse, PredictionResponse, Failure]:
    if found is None:
        return Failure(error=NO_WORD)
    kind = SentimentResponse if isinstance(found, Sentiment) else PredictionResponse
    return kind.model_construct(**found.to_dict(), message=str(found))


def _tag(body: Any) -> Optional[str]:
    """Return which of the two schemas a request is meant to have."""
    fields = {*body} & {"text", "texts"} if isinstance(body, dict) else set()
    return {("text",): "one", ("texts",): "many"}.get(tuple(fields))


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


def _described(body: TypeAdapter[Any], response: Type[BaseModel], *statuses: int) -> Dict[str, Any]:
    """Return the OpenAPI description of a route whose handler parses the body itself."""
    schema = body.json_schema()
    schema = {"oneOf": list(schema["$defs"].values())} if "$defs" in schema else schema  # nothing to look up
    return {
        "response_model": response,
        "responses": {status: {"model": Failure} for status in (408, 413, 415, 422, *statuses)},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}},
    }


async def _refused(_: Request, refusal: Refused) -> Response:
    return JSONResponse({"error": refusal.message}, refusal.status, refusal.headers)


async def _http_error(_: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _internal_error(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the server failed at this request; its log says why"}, 500)
