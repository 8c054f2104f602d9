"""How the sandbox's shop says no. Raised by the shop and what it checks, answered by its web side; nothing happened."""


class No(Exception):
    """The shop refuses. Nothing has happened."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)
