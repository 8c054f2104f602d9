"""What the interface `post` asks for: whether a text is a postal address, and how it is written properly.

Found and called through the port. It uses no network and never invents a part that the customer did not write.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.postal.address import read_address
from resolver.connector.action import Raw, look_up
from resolver.country import is_code
from resolver.errors import Malformed, NotFound


@dataclass(frozen=True, slots=True)
class Post:
    """What the configuration says about addresses; there is nothing to connect to."""

    default_country: str | None

    async def aclose(self) -> None:
        """Nothing is open."""


def connect(settings: Mapping[str, str]) -> Post:
    """The post with these settings. `Malformed` if `default_country` is no country."""
    code = settings.get("default_country", "").strip()
    if code and not is_code(code):
        raise Malformed(
            f"default_country: {code!r} is no country.", remedy="write its ISO code, for example DE"
        )
    return Post(code or None)


@look_up("post.check_address")
async def check_address(post: Post, *, address: str) -> Mapping[str, Raw]:
    """The address on one line, and the ISO code of its country.

    Raises:
        NotFound: Street, postcode, city or country is missing or unknown, they do not fit, or something is left over.
    """
    found = read_address(address, default_country=post.default_country)
    if found is None:
        raise NotFound("This text could not be read as a complete postal address.")
    return {"address": found.text, "country": found.country}
