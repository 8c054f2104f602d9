"""What a text commits us to: numbers, amounts, dates, links, addresses, in digits and in words."""

import pytest

from resolver.decision.claims import claims, stands_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You have 30 days.", ["30"]),
        ("That is 12.00 EUR, or €12.00.", ["12.00 EUR", "€12.00"]),
        ("Das sind 1.234,50 € bis 18:00 Uhr.", ["1.234,50 €", "18:00"]),
        ("Cela coûte 1 234,50 €.", ["1 234,50 €"]),
        ("By 11 November 2026 at the latest", ["11 November 2026"]),
        ("Do 11 listopada 2026", ["11 listopada 2026"]),
        ("Am 3. März oder am Montag", ["3. März", "Montag"]),
        ("See https://help.example/a?b=1. Thanks", ["https://help.example/a?b=1"]),
        ("Write to help@acme.example!", ["help@acme.example"]),
        ("within three days", ["three"]),
        ("in zwölf Monaten", ["zwölf"]),
        ("You get 20% off", ["20%"]),
        ("Just pay at evil.example/pay, or evil.com.", ["evil.example/pay", "evil.com"]),
        ("ftp://files.example/x and help@acme.example", ["help@acme.example", "ftp://files.example/x"]),
        ("You get ½ back, and ② more, ٣ in all", ["٣", "½", "②"]),
        ("We are happy to help you with one of them.", []),
    ],
)
def test_these_are_its_claims(text: str, found: list[str]) -> None:
    assert claims(text) == found


@pytest.mark.parametrize(
    ("claim", "text", "there"),
    [
        ("30", "within 30 days", True),
        ("30", "within 130 days", False),
        ("30", "30.50 EUR", False),
        ("30", "at 12:30", False),
        ("12.00 EUR", "costs 12.00\u00a0EUR.", True),
        ("12.00 EUR", "12.00 USD", False),
        ("https://a.example", "see https://a.example, please", True),
        ("€12", "only €12.", True),
        ("€12", "only €120", False),
    ],
)
def test_a_claim_stands_word_for_word_or_not_at_all(claim: str, text: str, there: bool) -> None:
    assert stands_in(claim, text) is there
