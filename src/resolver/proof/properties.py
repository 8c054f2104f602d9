"""What `resolver prove` proves, each property in a plain sentence (LANGUAGE 14).

Printed by `prove` and held against the documents by a test; certificates name them by their numbers.
"""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "P1": "Every name, type, unit and word fits, and every action gets all that it needs.",
    "P2": "Nothing leads back to where it came from, and every outcome can be reached.",
    "P3": "Every ticket ends with a reply, a handoff or another playbook; what is unsure ends with a person.",
    "P4": "Some rule catches every ticket; where something is missing the ticket stops and goes to a person.",
    "P5": "Every rule catches some ticket that no rule above it has caught, and every outcome is used.",
    "P6": "No action is done and nothing private is shown before the customer has proven who they are.",
    "P7": "No action that needs the customer's yes is done without their yes to exactly that.",
    "P8": "The question the customer says yes to shows every value that is acted on, in every language.",
    "P9": "Whenever an action is done, all that it requires holds, whatever the ticket and the records say.",
    "P10": "Nothing above the policy's limit is paid without a team's approval, whatever the limits are.",
    "P11": "No reply says that something was done unless it was, on every way to that reply.",
    "P12": "What is still pending, refused or unknown is handled; what cannot be known goes to a person.",
    "P13": "Nobody is waited for between two actions, and nothing is done after the customer was asked if all is well.",
    "P14": "No secret is shown, and every text is there, in every language and form, with all its values.",
    "P15": "It is known at which rules a ticket can stop, and for lack of what; they are told behind each playbook.",
}
OF_CODE: Mapping[str, str] = {
    "no-rule": "P4",
    "never-used": "P5",
    "requirement-not-met": "P9",
    "over-limit": "P10",
}
"""The property that a failure of the prover is about; what `lint` finds keeps a playbook from being proven at all."""
