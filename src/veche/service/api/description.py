"""The OpenAPI document: what the code does not say of itself."""

from typing import Any

from pydantic import TypeAdapter

from veche.service.api.bodies import APPEAL_PART, FILES_PART
from veche.service.api.schemas import EXAMPLE_IN, NUMBER, NUMBER_EXAMPLE, AppealIn, Problem
from veche.service.inbox.attachments import MAX_FILES
from veche.service.inbox.idempotency import MAX_KEY
from veche.service.inbox.limits import MAX_BATCH, MAX_BODY

DESCRIPTION = f"""\
Hand in citizens' appeals, see what was understood of them, withdraw them.

Each request carries the token of one channel: `Authorization: Bearer TOKEN`. A token reaches the appeals of
its own channel and no other.

An appeal is acknowledged only when it is durable. Whatever is not answered, or answered with `retry: true`,
may be sent again: give each appeal an `id`, or each request an `Idempotency-Key`, and nothing is taken twice.

Errors are problem documents (RFC 9457) with a stable `code`. A body holds at most {MAX_BODY:,} bytes.
"""

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
#: What each status means, by the method that it can come from.
_ANYWHERE = {
    401: "No valid token came with the request.",
    429: "The token has used up its allowance, or too much comes in. `Retry-After` says when to come back.",
    500: "Something went wrong in the service; nothing was acknowledged.",
    503: "Nothing can be stored at the moment; nothing was acknowledged. `Retry-After` says when to return.",
}
_ONE = {
    404: "The token's channel has no such appeal or file, or a digit of the number is mistyped.",
    422: "The id is none.",
}
_STATUSES = {
    "post": {
        400: "The body is not what its type says, or the Idempotency-Key is malformed.",
        409: "A request with this Idempotency-Key is still being handled.",
        411: "The length of the body is not stated.",
        413: "The body or a file is too large.",
        415: "The body is neither JSON nor multipart.",
        422: "Fields or files do not fit, an `id` came before with another text, or the Idempotency-Key came "
        "before with another request. Nothing was taken.",
    },
    "get": {},
    "delete": {409: "What named a person in this appeal was erased."},
}
_SAID = {
    200: "All had been taken before.",
    201: "They are durable.",
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A string of your own for this request (draft-ietf-httpapi-idempotency-key-header), kept "
    "for 24 hours. The same request with the same key is answered alike, another request with it is refused.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY,
        "pattern": r'^([!#-\[\]-~]+|"([ !#-\[\]-~]|\\["\\])+")$',
    },
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


#: The body of a file of appeals.
_FILE = {
    "required": True,
    "description": "The file, as it is.",
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    },
}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with bodies, errors and examples."""
    schemas = document["components"]["schemas"]
    for model in (AppealIn, Problem):
        schema = _schema(model)
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            more = _ONE if "{" in path else {}
            posts_appeals = method == "post" and path.endswith("/appeals")
            _complete(operation, {**_STATUSES[method], **more}, posts_appeals=posts_appeals)
    document["tags"] = [
        {"name": "Appeals", "description": "Messages of citizens and what becomes of them."},
        {"name": "Files", "description": "Files of appeals: looked through, confirmed, taken in."},
    ]
    return document


def _complete(operation: dict[str, Any], statuses: dict[int, str], *, posts_appeals: bool) -> None:
    responses = operation["responses"]
    for status, said in sorted({**_ANYWHERE, **statuses}.items()):
        answer = {"description": said, "content": {"application/problem+json": {"schema": _PROBLEM}}}
        if status in (409, 429, 500, 503):
            answer["headers"] = _RETRY_AFTER
        responses.setdefault(status, answer)
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "number":
            parameter["schema"] |= {"pattern": NUMBER, "examples": [NUMBER_EXAMPLE]}
    if operation["operationId"] == "bring_file":
        operation["requestBody"] = _FILE
    if not posts_appeals:
        for status in {200, 202} & responses.keys():
            responses[status]["description"] = "How it stands now."
        return
    operation["parameters"] = [_KEY, *operation.get("parameters", [])]
    operation["requestBody"] = _body()
    for status, said in _SAID.items():
        responses[status]["description"] = said


def _body() -> dict[str, Any]:
    one = {"$ref": "#/components/schemas/AppealIn"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_BATCH}
    parts = {
        "type": "object",
        "required": [APPEAL_PART],
        "additionalProperties": False,
        "properties": {
            APPEAL_PART: one,
            FILES_PART: {
                "type": "array",
                "maxItems": MAX_FILES,
                "items": {"type": "string", "format": "binary"},
                "description": "Pictures, PDF, office documents, plain text, sound. Pictures lose what they "
                "tell of place and device.",
            },
        },
    }
    encoding = {APPEAL_PART: {"contentType": "application/json"}}
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [one, many]},
                "examples": {
                    "one": {"summary": "One appeal", "value": EXAMPLE_IN},
                    "many": {"summary": "A list", "value": [EXAMPLE_IN]},
                },
            },
            "multipart/form-data": {"schema": parts, "encoding": encoding},
        },
    }


def _schema(model: type[Any]) -> dict[str, Any]:
    return TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
