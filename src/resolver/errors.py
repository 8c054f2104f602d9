"""What can go wrong, as one tree; everybody raises from here and nothing is imported.

ResolverError
 ├── Malformed                 a file or value somebody wrote is wrong (place and remedy)
 ├── Unavailable               surely not executed; may be tried again later
 ├── Refused                   a definite no from the other side; nothing happened
 │    └── NotFound             there is no such thing, or it is not this requester's
 ├── Unknown                   nobody can tell whether it happened; never sent again blindly
 ├── Stale                     the ticket changed since it was read
 └── Forged                    a delivery that does not prove where it comes from
"""

from msgspec import Struct


class Where(Struct, frozen=True):
    """A place in a file: path as the reader typed it, line and column from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class ResolverError(Exception):
    """Any error of ours: what is wrong, where, and what the reader can do now."""

    def __init__(self, problem: str, *, where: Where | None = None, remedy: str = "") -> None:
        self.problem = problem
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.problem}{hint}"


class Malformed(ResolverError):
    """A file, setting or value that somebody wrote cannot be used."""


class Unavailable(ResolverError):
    """The other side was not reached or declined to work; the call was surely not executed.

    Raised by connectors. Reads are tried again with back-off, an effect stays open and is sent later.
    """

    def __init__(self, problem: str, *, retry_after_s: float | None = None, remedy: str = "") -> None:
        self.retry_after_s = retry_after_s
        super().__init__(problem, remedy=remedy)


class Refused(ResolverError):
    """The other side said no, definitely, and nothing happened. `code` is what playbooks branch on."""

    def __init__(self, code: str, problem: str = "") -> None:
        self.code = code
        super().__init__(problem or f"Refused: {code}.")


class NotFound(Refused):
    """The thing does not exist for this requester; playbooks take `if_missing`."""

    def __init__(self, problem: str = "") -> None:
        super().__init__("not_found", problem or "There is no such record.")


class Unknown(ResolverError):
    """No usable answer after sending: it may or may not have happened. The gateway reads back first."""


class Stale(ResolverError):
    """The ticket was changed by somebody else after we read it; nothing was written."""


class Forged(ResolverError):
    """A delivery whose signature, time stamp or form is not what the helpdesk sends. Answered 401 or 400."""
