"""The customer's own newest words: visible text without older messages below it and without the signature.

Called by `understanding`. Never shortens what stands above the first quoted line.
"""

import re
from collections.abc import Sequence

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

from resolver.understanding.hygiene import visible, visible_html

READ_AT_MOST = 8_000  # characters; what a person writes is above
SIGN_OFF_WORDS = 5
HEADER_AT_MOST = 300  # a longer line is no quote header; marking it spares the parser's patterns the search
HEADER_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl")  # whoever writes: our own words are not theirs
LONG_LINE = "\0"
QUOTED = re.compile(r"^ *>", re.MULTILINE)
REPLY_LINE = re.compile(r"^\s*(?:#{2,}|-{3,} ?#)[^\n]*(?:#{2,}|# ?-{3,})\s*$", re.MULTILINE)
FORWARDED = re.compile(
    r"^-{3,} ?(?:forwarded message|weitergeleitete nachricht|message transféré)", re.I | re.M
)
POSTSCRIPT = re.compile(r"^p\.? ?s\.?\s*[:.]? ", re.I | re.M)
PHONE_SIGNATURE = re.compile(
    r"\n+(?:sent from my|sent from outlook|get outlook for|gesendet von|von meinem \w+ gesendet|envoyé de mon"
    r"|enviado desde mi|wysłane z)[^\n]{0,60}\s*$",
    re.I,
)


def clean(text: str, html: str | None, languages: Sequence[str]) -> str:
    """What the customer wrote in this message, as plain text; may be empty.

    Args:
        text: The plain text the helpdesk gives.
        html: The same as HTML. If it can be read it wins, because plain versions keep what HTML hides.
        languages: The installation's; quote headers and sign-offs are looked for in these and the frequent ones.
    """
    rendered = visible_html(html) if html and html.strip() else None
    whole = visible(text if rendered is None else rendered)[:READ_AT_MOST]
    above = REPLY_LINE.split(whole, maxsplit=1)[0].strip()
    marked = rendered is not None and html is not None and "<blockquote" in html.lower()
    return _newest(above, languages, quotes_gone=marked)


def _newest(text: str, languages: Sequence[str], *, quotes_gone: bool) -> str:
    """The first part of the mail that has words of its own, without quoted lines and signature.

    Below a quote header a part counts only where the quoted lines can be told from the customer's answer.
    """
    known = [one for one in dict.fromkeys((*languages, *HEADER_LANGUAGES)) if one in MAIL_LANGUAGES]
    guarded = "\n".join(LONG_LINE + line if len(line) > HEADER_AT_MOST else line for line in text.split("\n"))
    mail = EmailMessage(text=guarded, languages=known, keep_hyphen_lists=True).read()
    for part in mail.replies:
        told_apart = not part.headers or quotes_gone or bool(QUOTED.search(part.content))
        words = part.content.replace(part.headers, "", 1) if part.headers else part.content
        own = _without_signature(_unquoted(words), str(part.signatures or "")).replace(LONG_LINE, "")
        if own and told_apart and not FORWARDED.search(part.content):
            return own
    return ""


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">")).strip()


def _without_signature(text: str, signature: str) -> str:
    """Cut at the sign-off, unless that line goes on with a sentence; a postscript is kept."""
    signature = signature.strip()
    begin = text.rfind(signature) if signature else -1
    if begin > 0 and len(signature.split("\n")[0].split()) <= SIGN_OFF_WORDS:
        postscript = POSTSCRIPT.search(text, begin)
        text = text[:begin].rstrip() + (f"\n{text[postscript.start() :]}" if postscript else "")
    return PHONE_SIGNATURE.sub("", text).strip()
