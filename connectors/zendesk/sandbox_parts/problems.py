"""The errors the vendor answers with, as exceptions: status, error name, description, details.

API parts raise them; `calls` turns them into answers. They never reach the callers of the Python methods,
which get the errors of `resolver.errors`.
"""

from connectors.zendesk.sandbox_parts.records import JsonObject


class Problem(Exception):
    """An answer that is not a success."""

    def __init__(
        self,
        status: int,
        error: str | JsonObject,
        description: str = "",
        *,
        details: JsonObject | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers or {}
        self.body: JsonObject = {"error": error}
        if description:
            self.body["description"] = description
        if details:
            self.body["details"] = details
        super().__init__(f"{status} {error}: {description}")


def not_found() -> Problem:
    """404: there is no such record, or it was deleted."""
    return Problem(404, "RecordNotFound", "Not found")


def invalid(field: str, what: str, error: str = "InvalidValue") -> Problem:
    """422: the value sent for `field` cannot be stored."""
    details: JsonObject = {field: [{"description": f"{field.capitalize()}: {what}", "error": error}]}
    return Problem(422, "RecordInvalid", "Record validation errors", details=details)


def conflict() -> Problem:
    """409: a safe update came with an `updated_stamp` that is no longer the ticket's."""
    return Problem(
        409, "UpdateConflict", "Safe update refused: the ticket was changed meanwhile; fetch it again"
    )


def unauthenticated() -> Problem:
    """401: no token came along."""
    return Problem(401, "Couldn't authenticate you")


def token_refused() -> Problem:
    """401: the token is expired or was never given out."""
    return Problem(
        401, "invalid_token", "The access token is expired, revoked, malformed or otherwise invalid"
    )


def forbidden() -> Problem:
    """403: the token's scope does not cover this."""
    return Problem(403, "Forbidden", "You do not have access to this resource")
