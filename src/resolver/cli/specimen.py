"""The whole files whose parts are the examples of the reference: a playbook, its policy, its tests, an interface.

Asked by the reference page and by the test that checks them. It knows no example itself: they stand beside the keys.
"""

from dataclasses import dataclass
from textwrap import indent

from resolver.cli.folder import interfaces_of
from resolver.config import Config
from resolver.connector import interface_places
from resolver.decision.testplaces import EXAMPLE
from resolver.playbook import places, policy_places
from resolver.playbook.library import LibraryResult, load_library
from resolver.playbook.plan import Plan
from resolver.playbook.policy import Policy
from resolver.playbook.step_places import TICKET, VERBS
from resolver.starters import playbooks_folder

PLAYBOOK = "send_back"
_OTHER = "cancel_order.yaml"  # the starter that `start:` leads to


@dataclass(frozen=True, slots=True)
class Specimen:
    """The playbook of the examples, compiled, and the policy beside it."""

    plan: Plan
    policy: Policy


def playbook_file() -> str:
    """The playbook that the examples of its keys and steps are."""
    steps = "".join(place.example for place in (*(verb.place for verb in VERBS.values()), TICKET))
    return "".join(place.example for place in places.PLACES) + "outcomes:\n" + indent(steps, "  ")


def policy_file() -> str:
    """The policy that the examples of its keys are."""
    return "".join(place.example for place in policy_places.PLACES)


def interface_file() -> str:
    """The interface that the examples of its keys are."""
    return "".join(place.example for place in interface_places.PLACES)


def test_file() -> str:
    """The test file for the playbook."""
    return EXAMPLE


def loaded() -> LibraryResult:
    """The playbook beside its policy and one starter, as a folder of them would be read."""
    files = {
        f"{PLAYBOOK}.yaml": playbook_file(),
        "policy.yaml": policy_file(),
        _OTHER: (playbooks_folder() / _OTHER).read_text("utf-8"),
    }
    return load_library(files, interfaces_of(Config()))


def specimen() -> Specimen:
    """The playbook and policy of the examples; a test keeps them sound."""
    library = loaded().library
    if library is None:
        raise ValueError("the examples of the reference are not sound")
    return Specimen(library.by_playbook[PLAYBOOK], library.policy)
