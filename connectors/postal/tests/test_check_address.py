"""Which texts are postal addresses, how they are written properly, and which are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.postal import actions
from connectors.postal.address import read_address
from resolver.connector.action import Backend
from resolver.connector.registry import open_backend, read_shelf
from resolver.errors import Malformed, NotFound


async def check(address: str, **configured: str) -> tuple[str, str]:
    backend = Backend.of(actions, actions.connect(configured))
    found = await backend.look_up("post.check_address", {"address": address})
    return found["address"], found["country"]


GOOD = {
    # Germany
    "Lindenweg 3, 10115 Berlin, DE": "Lindenweg 3, 10115 Berlin, DE",
    "Lindenweg 3 10115 Berlin Deutschland": "Lindenweg 3, 10115 Berlin, DE",
    "lindenweg 3\n10115 berlin\ngermany": "Lindenweg 3, 10115 Berlin, DE",
    "Lindenweg 3, Berlin 10115, Germany": "Lindenweg 3, 10115 Berlin, DE",
    "Lindenweg 3, 10115, Berlin, Niemcy": "Lindenweg 3, 10115 Berlin, DE",
    "Ann Smith\r\nHinterhaus 2\r\nLindenweg 3\r\nD-10115 Berlin\r\nAllemagne":
        "Ann Smith, Hinterhaus 2, Lindenweg 3, 10115 Berlin, DE",
    "Straße des 17. Juni 135; 10623 Berlin; Alemania.": "Straße des 17. Juni 135, 10623 Berlin, DE",
    "Postfach 1234, 60001 Frankfurt am Main, Germany": "Postfach 1234, 60001 Frankfurt am Main, DE",
    # Austria
    "Mariahilfer Straße 45/2, 1060 Wien, Österreich": "Mariahilfer Straße 45/2, 1060 Wien, AT",
    "Mariahilfer Strasse 45, A-1060 Wien, Austria": "Mariahilfer Strasse 45, 1060 Wien, AT",
    # Switzerland
    "Bahnhofstrasse 12, CH-8001 Zürich, Schweiz": "Bahnhofstrasse 12, 8001 Zürich, CH",
    "Rue du Rhône 8, 1204 Genève, Suisse": "Rue du Rhône 8, 1204 Genève, CH",
    "Bundesplatz 3, 3003 Bern, Szwajcaria": "Bundesplatz 3, 3003 Bern, CH",
    # Great Britain
    "22 Hill Road, Leeds LS1 4AB, United Kingdom": "22 Hill Road, Leeds LS1 4AB, GB",
    "22 Hill Road, Headingley, Leeds, LS14AB, UK": "22 Hill Road, Headingley, Leeds LS1 4AB, GB",
    "Rose Cottage, Church Lane, York, YO1 7HH, England": "Rose Cottage, Church Lane, York YO1 7HH, GB",
    "10 Downing St, London sw1a 2aa, Großbritannien": "10 Downing St, London SW1A 2AA, GB",
    # United States
    "350 5th Ave, New York, NY 10118, USA": "350 5th Ave, New York, NY 10118, US",
    "350 5th Ave, New York NY 10118-0110, United States": "350 5th Ave, New York, NY 10118-0110, US",
    "1 Main St, Springfield, Illinois, 62701, Estados Unidos": "1 Main St, Springfield, IL 62701, US",
    "1 Main St Apt 4, Wilmington, DE 19801, U.S.A.": "1 Main St Apt 4, Wilmington, DE 19801, US",
    # France
    "12 rue de la Paix, 75002 Paris, France": "12 rue de la Paix, 75002 Paris, FR",
    "12 rue de la Paix, 75 002 Paris, Frankreich": "12 rue de la Paix, 75002 Paris, FR",
    "1 avenue Foch, F-69006 Lyon Cedex 06, FR": "1 avenue Foch, 69006 Lyon Cedex 06, FR",
    "Lieu-dit Le Bourg, 24220 Beynac-et-Cazenac, Francia": "Lieu-dit Le Bourg, 24220 Beynac-et-Cazenac, FR",
    # Netherlands
    "Damrak 1, 1012 LG Amsterdam, Netherlands": "Damrak 1, 1012 LG Amsterdam, NL",
    "Damrak 1, 1012lg Amsterdam, Niederlande": "Damrak 1, 1012 LG Amsterdam, NL",
    "Spui 70, 2511 BT 's-Gravenhage, Pays-Bas": "Spui 70, 2511 BT 's-Gravenhage, NL",
    # Poland
    "ul. Marszałkowska 10/12, 00-950 Warszawa, Polska": "ul. Marszałkowska 10/12, 00-950 Warszawa, PL",
    "ul. Piotrkowska 5 90406 Łódź Poland": "ul. Piotrkowska 5, 90-406 Łódź, PL",
    # Spain
    "Calle Mayor 5, 28013 Madrid, España": "Calle Mayor 5, 28013 Madrid, ES",
    "Calle Mayor, 5, 3º B, 28013 Madrid, Madrid, Spain": "Calle Mayor, 5, 3º B, 28013 Madrid, Madrid, ES",
    "Av. Diagonal 100, 08019 Barcelona, Hiszpania": "Av. Diagonal 100, 08019 Barcelona, ES",
    # Elsewhere
    "Karlova 1, 110 00 Praha 1, Czech Republic": "Karlova 1, 110 00 Praha 1, CZ",
    "1 Grafton Street, Dublin 2, Ireland": "1 Grafton Street, Dublin 2, IE",
    "10 Main St, Toronto ON M5V 2T6, Canada": "10 Main St, Toronto, ON M5V 2T6, CA",
    "Via Roma 1, 00184 Roma, Italia": "Via Roma 1, 00184 Roma, IT",
}  # fmt: skip

BAD = {
    "": "nothing",
    "   \n , ;": "nothing but separators",
    "Germany": "a country only",
    "DE": "a code only",
    "Lindenweg 3, Berlin, Germany": "no postcode",
    "Lindenweg 3, 10115, Germany": "no city",
    "10115 Berlin, Germany": "no street",
    "Lindenweg, 10115 Berlin, Germany": "no number",
    "3, 10115 Berlin, Germany": "a number without street",
    "Lindenweg 3, 10115 Berlin": "no country",
    "Lindenweg 3, 10115 Berlin, Atlantis": "a country that is none",
    "Lindenweg 3, 1011 Berlin, Germany": "a postcode too short",
    "Lindenweg 3, 101155 Berlin, Germany": "a postcode too long",
    "Lindenweg 3, 00000 Berlin, Germany": "a postcode of noughts",
    "Lindenweg 3, 10115 Berlin, Mitte, Germany": "a rest that belongs to nothing",
    "Lindenweg 3, 10115 Berlin, DE, please send it quickly": "words behind it",
    "Mariahilfer Straße 45, 10600 Wien, Österreich": "a German postcode in Austria",
    "Bahnhofstrasse 12, 80010 Zürich, Schweiz": "a postcode too long for Switzerland",
    "22 Hill Road, Leeds, UK": "no postcode",
    "22 Hill Road, LS1 4AB, UK": "no city",
    "Leeds LS1 4AB, UK": "no street",
    "22 Hill Road, Leeds ZZ1 4AB, UK": "a postcode area that is none",
    "22 Hill Road, Leeds 10115, UK": "a foreign postcode",
    "1 Main St, Springfield, CA 62701, USA": "a postcode of another state",
    "1 Main St, Springfield, 62701, USA": "no state",
    "1 Main St, Springfield, IL, USA": "no postcode",
    "1 Main St, Springfield, ZZ 62701, USA": "a state that is none",
    "1 Main Street, Wilmington 19801, DE": "a US address that ends like a German one",
    "12 rue de la Paix, 7500 Paris, France": "a postcode too short",
    "Damrak 1, 1012 Amsterdam, Netherlands": "half a postcode",
    "ul. Marszałkowska 10, 00-95 Warszawa, Polska": "a postcode too short",
    "Calle Mayor 5, 28013 Madrid, Barcelona, Spain": "a postcode of another province",
    "Calle Mayor 5, 99999 Madrid, Spain": "a postcode of no province",
    "Lindenweg 3, 10115 Berlin <b>, Germany": "a tag",
    "Lindenweg 3 see https://evil.example, 10115 Berlin, Germany": "a link",
    "ann@example.com, 10115 Berlin, Germany": "an e-mail address",
    "Lindenweg 3, 10115 Berlin, Germany" + " " * 10 + "x" * 300: "no end",
}


@pytest.mark.parametrize(("text", "line"), GOOD.items(), ids=repr)
async def test_an_address_is_read_and_written_on_one_line(text, line):
    address, country = await check(text)

    assert (address, country) == (line, line[-2:])


@pytest.mark.parametrize("line", sorted(set(GOOD.values())))
async def test_an_address_written_properly_reads_back_as_itself(line):
    assert await check(line) == (line, line[-2:])


@pytest.mark.parametrize("text", list(BAD), ids=list(BAD.values()))
async def test_what_is_no_complete_address_is_not_found(text):
    with pytest.raises(NotFound):
        await check(text)


def test_the_manifest_offers_the_look_up_and_no_action():
    found = read_shelf().connectors["postal"]

    offered = open_backend(found, {})

    assert set(offered.look_ups) == set(read_shelf().interfaces["post"].look_ups)
    assert (found.manifest.actions, offered.actions) == ({}, {})


async def test_without_a_country_the_configured_one_is_taken():
    assert await check("Lindenweg 3, 10115 Berlin", default_country="DE") == (
        "Lindenweg 3, 10115 Berlin, DE",
        "DE",
    )
    assert await check("22 Hill Road, Leeds LS1 4AB", default_country="GB") == (
        "22 Hill Road, Leeds LS1 4AB, GB",
        "GB",
    )


async def test_a_country_that_is_named_counts_more_than_the_configured_one():
    assert (await check("Bundesplatz 3, 3003 Bern, Schweiz", default_country="DE"))[1] == "CH"


@pytest.mark.parametrize(
    "text", ["12 Peach St, Atlanta, Georgia", "1 Main St, Los Angeles, CA", "1 Elm St, Dover, DE"]
)
async def test_at_home_in_the_united_states_a_state_is_not_a_country(text):
    with pytest.raises(NotFound):
        await check(text, default_country="US")


@pytest.mark.parametrize("country", ["Germany", "de", "ZZ", "EU", "DEU"])
def test_a_default_country_that_is_no_code_is_refused_with_a_remedy(country):
    with pytest.raises(Malformed) as caught:
        actions.connect({"default_country": country})

    assert "ISO code" in caught.value.remedy


_WORDS = st.sampled_from(
    "Lindenweg 3 10115 Berlin DE Germany , \n CA LS1 4AB UK IL 62701 USA 28013 Madrid ES - . ' \u202e".split(
        " "
    )
)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=12).map(" ".join)))
def test_any_text_is_an_address_that_reads_back_as_itself_or_none(text):
    found = read_address(text, default_country="DE")

    assert found is None or read_address(found.text, default_country=None) == found
