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
    "code_sent": {
        "en": "To be sure that it is you, we need a code. If we know this order or account, it is on its way to the "
        "contact stored there. Please send it here within 30 minutes.",
        "de": "Zur Sicherheit brauchen wir einen Code. Wenn wir diese Bestellung oder dieses Konto kennen, ist er "
        "unterwegs an den dort gespeicherten Kontakt. Bitte schicken Sie ihn innerhalb von 30 Minuten hierher.",
        "fr": "Pour votre sécurité, il nous faut un code. Si nous connaissons cette commande ou ce compte, il est en "
        "route vers le contact qui y est enregistré. Merci de nous l'envoyer ici dans les 30 minutes.",
        "es": "Por seguridad necesitamos un código. Si conocemos este pedido o esta cuenta, ya va de camino al "
        "contacto guardado allí. Envíelo aquí en un plazo de 30 minutos.",
        "pl": "Dla bezpieczeństwa potrzebujemy kodu. Jeśli znamy to zamówienie lub konto, kod jest w drodze na "
        "zapisany tam kontakt. Prosimy przesłać go tutaj w ciągu 30 minut.",
    },
    "code_again": {
        "en": "I did not find the right code in your message. Please send us its six digits.",
        "de": "Der richtige Code steht nicht in Ihrer Nachricht. Bitte schicken Sie uns die sechs Ziffern.",
        "fr": "Je n'ai pas trouvé le bon code dans votre message. Merci de nous envoyer les six chiffres.",
        "es": "No he encontrado el código correcto en su mensaje. Envíenos los seis dígitos.",
        "pl": "W wiadomości nie ma właściwego kodu. Prosimy przesłać sześć cyfr.",
    },
    "details_asked": {
        "en": "To be sure that it is you, please tell us what you gave us with this order or account: your name and "
        "e-mail address, and your phone number and postcode if you gave them.",
        "de": "Zur Sicherheit nennen Sie uns bitte, was Sie bei dieser Bestellung oder diesem Konto angegeben haben: "
        "Namen und E-Mail-Adresse, und Telefonnummer und Postleitzahl, falls angegeben.",
        "fr": "Pour votre sécurité, merci d'indiquer ce que vous avez donné avec cette commande ou ce compte : nom et "
        "adresse e-mail, ainsi que téléphone et code postal si vous les avez donnés.",
        "es": "Por seguridad, indíquenos lo que nos dio con este pedido o esta cuenta: nombre y correo electrónico, y "
        "teléfono y código postal si los dio.",
        "pl": "Dla bezpieczeństwa prosimy o dane podane przy tym zamówieniu lub koncie: imię i nazwisko oraz adres "
        "e-mail, a także telefon i kod pocztowy, jeśli zostały podane.",
    },
    "details_again": {
        "en": "That does not fit what we know. Please tell us these details once more, and nothing else.",
        "de": "Das passt nicht zu dem, was wir wissen. Bitte nennen Sie diese Angaben noch einmal und nichts sonst.",
        "fr": "Cela ne correspond pas à ce que nous savons. Merci d'indiquer encore une fois ces données, sans rien "
        "d'autre.",
        "es": "Eso no coincide con lo que sabemos. Indíquenos otra vez esos datos y nada más.",
        "pl": "To nie zgadza się z tym, co wiemy. Prosimy o podanie tych danych jeszcze raz i niczego więcej.",
    },
    "code_mail_subject": {
        "en": "Your code",
        "de": "Ihr Code",
        "fr": "Votre code",
        "es": "Su código",
        "pl": "Twój kod",
    },
    "code_mail": {
        "en": "Your code is {code}.\n\nPlease send it in the conversation in which we asked you for it, within 30 "
        "minutes. Give it to nobody else: our colleagues never ask for it. If you have not written to us, you need do "
        "nothing.",
        "de": "Ihr Code lautet {code}.\n\nBitte schicken Sie ihn innerhalb von 30 Minuten in der Unterhaltung, in der "
        "wir Sie danach gefragt haben. Geben Sie ihn niemandem sonst: Unsere Mitarbeitenden fragen nie danach. Wenn "
        "Sie uns nicht geschrieben haben, müssen Sie nichts tun.",
        "fr": "Votre code est {code}.\n\nMerci de l'envoyer dans les 30 minutes dans la conversation où nous vous "
        "l'avons demandé. Ne le donnez à personne d'autre : nos collègues ne le demandent jamais. Si vous ne nous avez "
        "pas écrit, vous n'avez rien à faire.",
        "es": "Su código es {code}.\n\nEnvíelo en un plazo de 30 minutos en la conversación en la que se lo hemos "
        "pedido. No se lo dé a nadie más: nuestros compañeros nunca lo piden. Si no nos ha escrito, no tiene que hacer "
        "nada.",
        "pl": "Twój kod to {code}.\n\nProsimy przesłać go w ciągu 30 minut w rozmowie, w której o niego poprosiliśmy. "
        "Proszę nie podawać go nikomu innemu: nasi pracownicy nigdy o niego nie pytają. Jeśli wiadomość do nas nie "
        "pochodzi od Państwa, nie trzeba nic robić.",
    },
    "yes_to_all": {
        "en": "A yes counts for all of these. If you mean only one of them, please tell us its number.",
        "de": "Ein Ja gilt für alles davon. Wenn Sie nur eines meinen, nennen Sie uns bitte die Nummer.",
        "fr": "Un oui vaut pour tout. Si vous n'en voulez qu'un, indiquez-nous son numéro.",
        "es": "Un sí vale para todo. Si solo quiere uno de ellos, indíquenos su número.",
        "pl": "Odpowiedź „tak” dotyczy wszystkich punktów. Jeśli chodzi tylko o jeden, prosimy podać jego numer.",
    },
    "rest_handed_off": {
        "en": "A colleague will take care of your other request and write to you here.",
        "de": "Um Ihr weiteres Anliegen kümmert sich eine Kollegin oder ein Kollege und meldet sich hier.",
        "fr": "Un collègue s'occupe de votre autre demande et vous répondra ici.",
        "es": "Un compañero se ocupará de su otra solicitud y le escribirá aquí.",
        "pl": "Drugą sprawą zajmie się nasz pracownik i odpisze tutaj.",
    },
    "which_one": {
        "en": "Only one of these is possible. Which one shall we do? Please tell us its number.",
        "de": "Nur eines davon ist möglich. Was sollen wir tun? Nennen Sie uns bitte die Nummer.",
        "fr": "Une seule de ces choses est possible. Laquelle voulez-vous ? Indiquez-nous son numéro.",
        "es": "Solo una de estas cosas es posible. ¿Cuál hacemos? Indíquenos su número.",
        "pl": "Możliwa jest tylko jedna z tych rzeczy. Którą wykonać? Prosimy podać jej numer.",
    },
    "sources": {
        "en": "You can read this here:",
        "de": "Das können Sie hier nachlesen:",
        "fr": "Vous pouvez le lire ici :",
        "es": "Puede leerlo aquí:",
        "pl": "Można o tym przeczytać tutaj:",
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
