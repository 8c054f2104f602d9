"""Words for times of the day as customers write them in five languages: numbers, parts of the day, other zones.

Called by `times`. Everything is folded as in `day_names`: small letters without accents.
"""

HOURS = {
    word: hour
    for hour, words in enumerate(
        (
            "one ein eins une una pierwszej",
            "two zwei deux dos drugiej",
            "three drei trois tres trzeciej",
            "four vier quatre cuatro czwartej",
            "five funf fuenf cinq cinco piatej",
            "six sechs seis szostej",
            "seven sieben sept siete siodmej",
            "eight acht huit ocho osmej",
            "nine neun neuf nueve dziewiatej",
            "ten zehn dix diez dziesiatej",
            "eleven elf onze once jedenastej",
            "twelve zwolf zwoelf douze doce dwunastej",
        ),
        start=1,
    )
    for word in words.split()
}
"""Hours in words, as they stand behind `half past`, `halb` or `wpół do`."""

TWENTY_FOUR_HOURS = ("de", "fr", "pl")
"""Languages that write the hours of the day from 0 to 24; the others need `pm` or `de la tarde`."""

PARTS = {
    "morning": r"(?:in the |this )?morning|morgens|fruh(?:morgens)?|am (?:fruhen )?morgen|(?:am )?vormittags?"
    r"|(?:du |le )?matin|(?:de|por) la manana|rano|przed poludniem",
    "afternoon": r"(?:in the |this )?afternoon|(?:am )?nachmittags?|(?:de l'|l')?apres-midi|(?:de|por) la tarde"
    r"|po poludniu",
    "evening": r"(?:in the |this )?evening|tonight|at night|(?:am )?abends?|(?:du |le )?soir"
    r"|(?:de|por) la noche|wieczorem",
    "noon": r"mittags",
}
"""Parts of the day that tell which of the two hours is meant; each is a pattern."""
CHANGES = {
    "am": {hour: hour for hour in range(1, 12)},
    "pm": {12: 12, **{hour: hour + 12 for hour in range(1, 12)}},
    "morning": {hour: hour for hour in range(4, 12)},
    "noon": {11: 11, 12: 12, 1: 13, 2: 14},
    "afternoon": {12: 12, **{hour: hour + 12 for hour in range(1, 8)}},
    "evening": {hour: hour + 12 for hour in range(5, 12)},
}
"""Hour as spoken → hour of the day; what is missing is in doubt, such as `12 am`."""
LATEST = {"morning": (4, 11), "noon": (11, 14), "afternoon": (12, 19), "evening": (17, 23)}
"""Hours of the day that fit beside a part of it."""
NOON = r"noon|midday|12 noon|mittag|midi|mediodia|poludnie"

LINKS = r"""
    at um gegen on am den dem der a as las la le les el del de o w we dnia godz godzinie the et und and y i ore von
    uhr h heures heure horas hora
"""
"""Words that may stand between a day and its time."""
COURTESY = r"""
    please bitte svp s'il vous plait te por favor prosze ok okay yes ja oui si tak gut good great fine works suits
    me mir passt dann then merci thanks thank you danke gracias dziekuje its it's is
"""
"""Words that say nothing more than the answer itself."""
OTHER_ZONE = (
    r"\s?\(?(?:utc|gmt|z\b|[ecmp][sde]?t\b|cest\b|bst\b|ist\b|jst\b|wez\b|mez\b|mesz\b"
    r"|[a-z]+ time\b|ortszeit|[+-]\d)"
)
"""A zone of its own behind a time: whether it is the shop's is not known."""
LENGTH_BEFORE = (
    r"\b(?:in|within|dans|sous|en|pendant|for|fur|seit|since|depuis|desde|za|after|nach|co|alle|every|noch|toutes les"
    r"|cada|binnen|innerhalb(?: von)?|au bout de|hace|it took|przez|ponad|over|uber|plus de|more than|less than)\s+$"
)
"""In front of `24 h`: how long, not when."""
ABOUT = (
    r"\b(?:around|about|approx\w*|roughly|ca\.?|circa|etwa|ungefahr|gegen|vers|environ"
    r"|hacia|sobre|alrededor de|okolo|kolo)\s+(?:las?\s+)?$"
)
BOUND = (
    r"\b(?:before|after|until|till|til|by|from|since|between|past|later than|earlier than|vor|nach|bis|ab|seit|zwischen"
    r"|spatestens|fruhestens|avant|apres|jusqu'?a|des|a partir de|entre|antes de|despues de|hasta|desde|przed|po|do|od"
    r"|miedzy|pomiedzy|not|nicht|pas|nie|instead of|rather than|statt|au lieu de|en vez de|zamiast)"
    r"\s+(?:(?:at|um|a|las?|o|godz\.?|godzinie|godziny|spatestens)\s+)*$"
)
