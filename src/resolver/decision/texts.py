"""The product's own sentences to customers, in every language it ships; the policy's `texts` override them.

Used by replies and the engine. A playbook's own texts never stand here.
"""

from collections.abc import Mapping

from resolver.playbook.policy import Policy

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "handed_off": {
        "en": "Thank you for your message. A colleague will take care of this and write to you here.",
        "de": "Danke für Ihre Nachricht. Eine Kollegin oder ein Kollege kümmert sich darum und meldet sich hier.",
        "fr": "Merci pour votre message. Un collègue s'en occupe et vous répondra ici.",
        "es": "Gracias por su mensaje. Un compañero se ocupará de ello y le escribirá aquí.",
        "pl": "Dziękujemy za wiadomość. Nasz pracownik zajmie się tym i odpisze tutaj.",
    },
    "ask_again": {
        "en": "I am sorry, I did not quite understand that.",
        "de": "Entschuldigung, das habe ich nicht ganz verstanden.",
        "fr": "Je suis désolé, je n'ai pas bien compris.",
        "es": "Lo siento, no lo he entendido del todo.",
        "pl": "Przepraszam, nie do końca to zrozumiałem.",
    },
    "yes": {"en": "yes", "de": "ja", "fr": "oui", "es": "sí", "pl": "tak"},
    "no": {"en": "no", "de": "nein", "fr": "non", "es": "no", "pl": "nie"},
}


def built_in(name: str, language: str, policy: Policy) -> str:
    """The sentence in that language, else in the language without its region, else in English."""
    own, shipped = policy.texts.get(name, {}), BUILT_IN[name]
    for code in (language, language.partition("-")[0]):
        if found := own.get(code) or shipped.get(code):
            return found
    return own.get("en") or shipped["en"]
