"""What a person would see of a message: hidden HTML and invisible characters are gone before anything reads it.

Called by `clean`. Never interprets scripts or fetches anything an HTML message refers to.
"""

import re
import unicodedata
from itertools import islice

import lxml.html
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import ParserError

LONGEST_TEXT = 20_000
LONGEST_HTML = 200_000
GROUND_WITHIN = 16  # elements around white text in which its ground is looked for

UNSEEN_TAGS = tuple("script style template noscript title head object iframe svg select".split())
QUOTE_MARKS = (  # how mail programs wrap the older message they append
    "blockquote",
    "*[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "*[contains(concat(' ', @class, ' '), ' gmail_signature ')]",
    "*[contains(@class, 'moz-cite-prefix') or contains(@class, 'moz-signature')]",
    "*[contains(@class, 'yahoo_quoted') or contains(@class, 'zendesk_quoted') or contains(@class, 'zmail_extra')]",
    "*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::*",
    "*[@id='divRplyFwdMsg']",
)
HIDING_RULES = re.compile(  # tried on a style without blanks, lower case
    r"(?<![\w-])(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0*\.?0*(?:[;!]|$)"
    r"|font-size:(?:0(?:\.0\d*)?(?:px|pt|r?em|%)?|(?:0?\.\d+|1)(?:px|pt)|1%)(?:[;!]|$)"
    r"|text-indent:-\d{3,}|(?:left|top):-\d{3,}|clip:rect\(0|clip-path:inset\((?:50|100)%)"
)
COLLAPSED = re.compile(r"(?<![\w-])(?:max-)?(?:height|width):[01](?:px|pt|em|%)?(?:[;!]|$)")
WHITE = re.compile(
    r"(?<![\w-])color:(?:transparent|white|#fff(?:fff)?(?![0-9a-f])|rgba?\((?:255,255,255|\d+,\d+,\d+,0\)))"
)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
STYLE_CLASS = re.compile(r"[.]([\w-]+)\s*(?:,[^{}]*)?\{([^{}]*)\}")


def visible(text: str) -> str:
    """The text without characters nobody sees, in one Unicode form, with plain line ends; at most 20,000 long."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    seen = "".join(_shown(char) for char in folded)
    lines = (re.sub(r" {2,}", " ", line).strip() for line in seen.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def visible_html(html: str) -> str | None:
    """The text a reader of the HTML sees, older messages left out; None if there is no HTML in it."""
    try:
        tree = lxml.html.document_fromstring(DECLARATION.sub("", html[:LONGEST_HTML].replace("\0", "")))
    except ParserError:  # nothing but blanks or comments
        return None
    _drop(tree, [element for tag in UNSEEN_TAGS if tag != "style" for element in tree.iter(tag)])
    hiding = _hiding_classes(tree)
    _drop(tree, [element for element in tree.iter() if _is_hidden(element, hiding)])
    _drop(tree, [element for mark in QUOTE_MARKS for element in tree.xpath(f"//{mark}")])
    plain = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)
    return str(Inscriptis(tree, plain).get_text())


def _shown(char: str) -> str:
    if char == "\n":
        return char
    kind = unicodedata.category(char)
    if kind in ("Zs", "Zl", "Zp") or char == "\t":
        return " "
    return "" if kind.startswith("C") or "\ufe00" <= char <= "\ufe0f" else char


def _drop(tree: lxml.html.HtmlElement, elements: list[lxml.html.HtmlElement]) -> None:
    """Take elements out, but keep the text that follows them."""
    for element in elements:
        if element is not tree and element.getparent() is not None:
            element.drop_tree()


def _hiding_classes(tree: lxml.html.HtmlElement) -> set[str]:
    """Classes that a style sheet inside the message makes invisible."""
    sheets = " ".join(element.text or "" for element in tree.iter("style"))
    return {name for name, rules in STYLE_CLASS.findall(sheets) if _hides(rules)}


def _is_hidden(element: lxml.html.HtmlElement, hiding: set[str]) -> bool:
    if not isinstance(element.tag, str):  # a comment or processing instruction
        return True
    if element.tag in ("style", "body", "html"):
        return element.tag == "style"
    if "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    if not hiding.isdisjoint(str(element.get("class", "")).split()):
        return True
    style = _style(element)
    return _hides(style) or (_is_white(element, style) and not _has_ground(element))


def _hides(rules: str) -> bool:
    plain = _plain(rules)
    if COLLAPSED.search(plain) and "overflow:hidden" in plain:
        return True
    return bool(HIDING_RULES.search(plain))


def _is_white(element: lxml.html.HtmlElement, style: str) -> bool:
    named = element.tag == "font" and str(element.get("color", "")).lower() in ("white", "#fff", "#ffffff")
    return named or bool(WHITE.search(style))


def _has_ground(element: lxml.html.HtmlElement) -> bool:
    """Whether the element or one around it is coloured: white text on a dark ground is meant to be read."""
    around = (element, *islice(element.iterancestors(), GROUND_WITHIN))
    return any("background" in _style(one) or one.get("bgcolor") for one in around)


def _style(element: lxml.html.HtmlElement) -> str:
    return _plain(str(element.get("style", "")))


def _plain(rules: str) -> str:
    return re.sub(r"/\*.*?\*/|\s+", "", rules.lower())
