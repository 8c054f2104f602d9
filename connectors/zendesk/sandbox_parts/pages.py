"""The web pages: all tickets, one ticket, writing and answering as the customer. Plain HTML, no script.

A person who tries the sandbox uses them. Texts are escaped by the templates; HTML of agents is cleaned before it is
shown. They change tickets only through the mail a customer would send.
"""

from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.zendesk.sandbox_parts.control import Control
from resolver.errors import NotFound, ResolverError

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_FORM = 200_000
TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "a",
    "div",
    "span",
}


class Pages:
    """Everything a browser sees."""

    def __init__(self, control: Control, subdomain: str) -> None:
        self._control = control
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
        )
        self._templates.globals["subdomain"] = subdomain
        self._templates.filters["moment"] = _moment
        self._templates.filters["cleaned"] = _cleaned

    def routes(self) -> list[Route]:
        """The pages' routes."""
        return [
            Route("/", self.index, methods=["GET"]),
            Route("/write", self.write, methods=["GET", "POST"]),
            Route("/tickets/{id:int}", self.show, methods=["GET"]),
            Route("/tickets/{id:int}/answer", self.answer, methods=["POST"]),
            Route("/style.css", self.style, methods=["GET"]),
        ]

    async def index(self, request: Request) -> Response:
        """All tickets, the one changed last first."""
        tickets = [ticket for ticket in self._control.tickets() if not ticket["deleted"]]
        tickets.sort(key=lambda ticket: (str(ticket["updated_at"]), int(str(ticket["id"]))), reverse=True)
        return self._page("tickets.html", tickets=tickets)

    async def show(self, request: Request) -> Response:
        """One ticket with everything said and everything done to it."""
        try:
            ticket = self._control.ticket(request.path_params["id"])
        except ResolverError:
            return self._page("missing.html", 404, number=request.path_params["id"])
        return self._page("ticket.html", ticket=ticket)

    async def write(self, request: Request) -> Response:
        """The form for a new message, and what it sends."""
        if request.method == "GET":
            return self._page("write.html", problem="")
        form = await _form(request)
        if form is None:
            return self._page("write.html", 400, problem="That message could not be read.")
        if not ("@" in form.get("email", "") and form.get("text", "").strip()):
            return self._page("write.html", 422, problem="An e-mail address and a message are needed.")
        try:
            number = self._control.customer_writes(
                form["email"].strip(), form.get("name", ""), form.get("subject", ""), form["text"]
            )
        except ResolverError as error:
            return self._page("write.html", 422, problem=error.problem)
        return RedirectResponse(f"/tickets/{number}", 303)

    async def answer(self, request: Request) -> Response:
        """What the customer writes under a ticket."""
        number = request.path_params["id"]
        form = await _form(request)
        if form is None or not form.get("text", "").strip():
            return RedirectResponse(f"/tickets/{number}", 303)
        try:
            ticket = self._control.ticket(number)
            requester = ticket["requester"]
            email = str(requester["email"]) if isinstance(requester, dict) else ""
            number = self._control.customer_writes(email, text=form["text"], ticket=number)
        except NotFound:
            return self._page("missing.html", 404, number=number)
        except ResolverError:
            return RedirectResponse(f"/tickets/{number}", 303)
        return RedirectResponse(f"/tickets/{number}#latest", 303)

    async def style(self, request: Request) -> Response:
        """The style sheet."""
        return Response((TEMPLATES / "style.css").read_text("utf-8"), media_type="text/css")

    def _page(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'"
        text = self._templates.get_template(name).render(**values)
        return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})


async def _form(request: Request) -> dict[str, str] | None:
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        return None  # a page of another origin must not write as the customer
    raw = await request.body()
    if len(raw) > LONGEST_FORM:
        return None
    fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
    return {key: values[-1].replace("\r\n", "\n") for key, values in fields.items()}


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment:%d %b %Y, %H:%M}"


def _cleaned(markup: str) -> Markup:
    return Markup(nh3.clean(markup, tags=TAGS, attributes={"a": {"href"}}))  # noqa: S704  # cleaned by nh3
