"""How a backend's sandbox answers: JSON, and one shape of an error. Nothing has happened where it says no."""

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from resolver.money import Money


class No(Exception):
    """The backend refuses. Nothing has happened."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class Amount(msgspec.Struct, forbid_unknown_fields=True):
    """An amount as it stands in a request: `{"minor": 1200, "currency": "EUR"}`, not below zero."""

    minor: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    currency: str

    @property
    def money(self) -> Money:
        """The same as money."""
        return Money(self.minor, self.currency)


def json_answer(body: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def refusal(no: No) -> Response:
    """The one shape of an error."""
    return json_answer({"error": {"code": no.code, "message": no.message}}, no.status)


async def no_such_address(_: Request, error: Exception) -> Response:
    """The same shape for an address or method the backend does not have."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refusal(No(status, "no_such_address", "There is no such address here."))


def amount_json(minor: int, currency: str) -> dict[str, object]:
    """An amount as it stands in an answer."""
    return {"minor": minor, "currency": currency}


def happened_json(id_: str, kind: str, reference: str, at: datetime) -> dict[str, object]:
    """Something that happened, with the reference it is found by."""
    return {"id": id_, "kind": kind, "reference": reference, "created_at": at}
