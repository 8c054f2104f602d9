"""The country at the end of an address.

Called by `address.py`.
"""

from resolver.country import country_names, is_code, plain_name


def ending_in_country(text: str) -> tuple[str, str, bool]:
    """The text without the country at its end, the country's code or "", and whether it was only a code.

    A code counts only in capitals: `de` ends many a street.
    """
    words = text.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        name = " ".join(words[-count:])
        rest = " ".join(words[:-count])
        if found := country_names().get(plain_name(name)):
            return rest, found, False
        if count == 1 and is_code(name):
            return rest, name, True
    return text, "", False
