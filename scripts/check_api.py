"""What schemathesis cannot read in openapi.yaml, for scripts/check-api.

A schema cannot say that a photo is a picture, that a style is one that was learned, or that options come in the form or
in the query; requests that are meant to be right are made so here, and small, so that many fit in a minute. Requests
that are meant to be wrong go out as they are. One check is added: a status must be one of the operation's own, or one of
those that `default` names.
"""

import os
import uuid
from pathlib import Path

import schemathesis
from hypothesis import strategies
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import Binary

PHOTO = Path(os.environ["CHECK_PHOTO"]).read_bytes()
STYLE = Path(os.environ["CHECK_STYLE"]).read_bytes()

# Of the answers that any request may earn, those that come of what schemathesis sends.
ANY_REQUEST = {400, 413, 414, 415, 417, 421, 431, 501, 505}

schemathesis.openapi.media_type("image/*", strategies.just(PHOTO))
schemathesis.openapi.media_type("application/octet-stream", strategies.just(STYLE))


@schemathesis.hook
def filter_case(context, case):
    """Leaves out what is called wrong and is not: fields that nobody asked for, and cases in which nothing is wrong."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        return True
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative}
    wrong.add(getattr(case.meta.phase.data, "parameter_location", None))
    return ParameterLocation.HEADER not in wrong and wrong != {None}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes right what is meant to be right."""
    is_right = case.meta is not None and case.meta.generation.mode.is_positive
    if "Prefer" in (case.headers or {}):
        case.headers["Prefer"] = "wait=1"
    if not is_right:
        return
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    operation = case.operation.definition.raw.get("operationId")
    is_form = isinstance(case.body, dict)
    options = case.body if is_form else case.query
    if operation in ("sketch", "putJob", "importStyle") and is_form:
        case.query.clear()
    if operation == "importStyle" and is_form:
        case.body["style"] = Binary(STYLE)
    if operation == "learnStyle" or (is_form and "sketch" in case.body):
        options["steps"] = min(int(options.get("steps", 1)), 2)
        options["photo"] = options["sketch"] = Binary(PHOTO)
    elif operation in ("sketch", "putJob"):
        order(options)
        if "style" not in options:
            options.setdefault("text", "a drawing")
        if operation == "putJob":
            alone(options)
    # What was put right is as good as if it had been made so: no values of a wrong request.
    case._record_starting_state()


def order(options):
    """Options of a sketch, so that it is drawn in a moment. In a query numbers may be texts already."""
    for name in ("text_guidance", "image_guidance"):
        if name in options:
            options[name] = round(float(options[name]), 2)
    if "steps" in options:
        options["steps"] = min(int(options["steps"]), 2)
    if options.get("size", "original") != "original":
        options["size"] = min(int(options["size"]), 128)
    if "style" in options:
        options["style"] = ["seeded"] * len(options["style"][:2])
    if "photo" in options:
        options["photo"] = [Binary(PHOTO)] * len(options["photo"][:2])


def alone(options):
    """One sketch: a client's id names no more."""
    options.pop("n", None)
    for name in ("photo", "style"):
        if isinstance(options.get(name), list):
            options[name] = options[name][:1]


@schemathesis.check
def described_status(context, response, case):
    """The status is the operation's own, or one that any request may earn."""
    described = {str(code) for code in case.operation.definition.raw["responses"]}
    status = response.status_code
    method = case.method.upper()
    if method not in ("GET", "PUT", "POST", "DELETE", "PATCH"):
        return
    assert str(status) in described or status in ANY_REQUEST or status == 405, f"{status} is not described"
