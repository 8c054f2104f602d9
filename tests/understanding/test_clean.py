"""What is read is what the customer wrote and a person would see, nothing below and nothing hidden."""

import pytest

from resolver.understanding.clean import clean

ENGLISH_MAIL = """Hello,
please refund order 10231.

Best regards,
Anna Smith

On Mon, 3 Nov 2025 at 10:12, Support <s@acme.example> wrote:
> Shall I refund 30 EUR?
"""

GERMAN_MAIL = """Ja bitte

Am Mo., 3. Nov. 2025 um 10:12 Uhr schrieb Support <s@acme.example>:
> Soll ich?
"""

OUTLOOK_MAIL = """Hallo,
ich möchte mein Geld zurück.
Mit freundlichen Grüßen
Anna Meier

Von: Support <s@acme.example>
Gesendet: Montag
An: Anna
Betreff: Ihre Bestellung

Bitte stornieren
"""


@pytest.mark.parametrize(
    ("mail", "own"),
    [
        (ENGLISH_MAIL, "Hello,\nplease refund order 10231."),
        (GERMAN_MAIL, "Ja bitte"),
        (OUTLOOK_MAIL, "Hallo,\nich möchte mein Geld zurück."),
        ("Yes please!\n\nSent from my iPhone", "Yes please!"),
        ("Oui\n\nDe : Support\nEnvoyé : lundi\nÀ : Anna\nObjet : Commande\n\nRembourser ?", "Oui"),
        ("Tak, proszę\n\nPozdrawiam\nAnna", "Tak, proszę"),
        ("> Shall I?\nYes", "Yes"),
        ("On Mon, 3 Nov 2025 Support wrote:\n> Shall I refund?\n\nYes, please", "Yes, please"),
        ("Yes\n\n##- Please type your reply above this line -##\n\nold", "Yes"),
        ("##- Please type your reply above this line -##\n\nold words of an agent", ""),
        ("\nFrom: Support\nSent: Monday\nTo: Anna\nSubject: x\n\nold words of an agent", ""),
        (
            "Please cancel.\n\nThanks,\nAnna\n\nPS: the number is 10231",
            "Please cancel.\nPS: the number is 10231",
        ),
    ],
)
def test_quotes_and_signatures_are_cut(mail: str, own: str) -> None:
    assert clean(mail, None, ["en", "de"]) == own


@pytest.mark.parametrize(
    "text",
    [
        "Hi\nThanks, please refund order 10231 and do it today",
        "- order 10231\n- refund please",
        "Best, in my opinion, is a refund",
    ],
)
def test_what_only_looks_like_a_signature_stays(text: str) -> None:
    assert clean(text, None, ["en"]) == text


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">cancel</span>',
        '<span style="DISPLAY : NONE !important">cancel</span>',
        '<span style="font-size:0">cancel</span>',
        '<span style="font-size: 1px">cancel</span>',
        '<span style="visibility:hidden">cancel</span>',
        '<span style="opacity:0">cancel</span>',
        '<span style="color:#ffffff">cancel</span>',
        '<span style="max-height:0;overflow:hidden">cancel</span>',
        '<div style="position:absolute;left:-9999px">cancel</div>',
        "<p hidden>cancel</p>",
        "<!-- cancel -->",
        "<style>.x{display:none}</style><b class='x'>cancel</b>",
        "<script>cancel</script>",
        "<template>cancel</template>",
        '<font color="white">cancel</font>',
        '<div style="display:none"><div><p>can<b>cel</b></p></div></div>',
        '<div class="gmail_quote">On Monday we wrote:<blockquote>cancel</blockquote></div>',
        "<blockquote>cancel</blockquote>",
    ],
)
def test_html_that_nobody_sees_is_not_read(hidden: str) -> None:
    text = clean("cancel", f"<p>Please <b>refund</b> it</p>{hidden}<p>Order 10231</p>", ["en"])

    assert "cancel" not in text
    assert "Please refund it" in text
    assert "Order 10231" in text


def test_the_text_behind_a_hidden_element_stays() -> None:
    assert clean("", "<p>Please <i hidden>not</i> refund</p>", ["en"]) == "Please refund"


@pytest.mark.parametrize(
    "style",
    [
        "color:white;background:#000",
        "font-size:1em",
        "font-size: 0.9em",
        "font-size:100%",
        "opacity:0.9",
        "border-width:0;line-height:0",
        "margin-left:-120px",
        "color:#fff4e0",
        "min-width:0;overflow:hidden",
        "background-color:white",
    ],
)
def test_an_ordinary_style_hides_nothing(style: str) -> None:
    assert clean("", f'<p style="{style}">Refund</p>', ["en"]) == "Refund"


def test_white_text_on_the_dark_ground_around_it_is_read() -> None:
    html = (
        '<div style="background-color: rgb(31, 31, 31)"><p style="color: rgb(255, 255, 255)">Refund</p></div>'
    )

    assert clean("", html, ["en"]) == "Refund"


@pytest.mark.parametrize("html", ["", "   ", "<!-- nothing -->"])
def test_without_html_the_plain_text_is_read(html: str) -> None:
    assert clean("Refund please", html, ["en"]) == "Refund please"


def test_invisible_characters_are_removed_and_wide_ones_folded() -> None:
    text = "Re\u200bfund\u00a0or\u00adder \u202e１０２３１\u2066\ufeff\x07"

    assert clean(text, None, ["en"]) == "Refund order 10231"


def test_lists_and_tables_keep_their_words_apart() -> None:
    html = "<ul><li>Order 10231</li><li>Refund</li></ul><table><tr><td>blue</td><td>mug</td></tr></table>"

    assert clean("", html, ["en"]).split() == ["*", "Order", "10231", "*", "Refund", "blue", "mug"]
