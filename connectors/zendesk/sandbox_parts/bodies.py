"""Comment texts in their three forms, cut and cleaned as the vendor does it.

Changes and mail use it to make `body` and `html_body` from what was sent. It never expands placeholders.
Vendor facts: developer.zendesk.com, Ticket Comments, "Bodies" and "Body size limits" (read 2026-11-23).
"""

import html
import re

from inscriptis import get_text

MOST_BYTES = 64 * 1024  # longer texts are cut without an error

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SPACES = re.compile(r"[ \t]{2,}")
_NEWLINES = re.compile(r"\n{2,}")


def cut(text: str) -> str:
    """The text without control characters and without what is beyond 64 kB."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n"))
    return clean.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore")


def from_body(text: str) -> tuple[str, str]:
    """`body` and `html_body` of a text sent as `body`: tags stripped, runs of spaces and newlines collapsed."""
    plain = _NEWLINES.sub("\n", _SPACES.sub(" ", _TAG.sub("", cut(text)))).strip()
    return plain, paragraphs(plain)


def from_html(markup: str) -> tuple[str, str]:
    """`body` and `html_body` of a text sent as `html_body`."""
    kept = cut(markup)
    return cut(get_text(kept).strip()), f'<div class="zd-comment" dir="auto">{kept}</div>'


def from_mail(text: str) -> tuple[str, str]:
    """`body` and `html_body` of a plain-text mail, whose blank lines stay."""
    plain = cut(text).strip()
    return plain, paragraphs(plain)


def paragraphs(plain: str) -> str:
    """The vendor's HTML of a plain text: a paragraph per blank-line block, `<br>` within."""
    blocks = [html.escape(block, quote=False).replace("\n", "<br>") for block in plain.split("\n\n") if block]
    inner = "".join(f"<p>{block}</p>" for block in blocks)
    return f'<div class="zd-comment" dir="auto">{inner}</div>'
