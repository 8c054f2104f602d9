"""What every check works on: the playbook, its names, the words around it, and the list of problems to add to.

Made by `check` for one file; the checks only read it and report.
"""

from dataclasses import dataclass

from resolver.condition.syntax import Name
from resolver.condition.types import Type
from resolver.playbook.names import Names
from resolver.playbook.paths import Ways
from resolver.playbook.plan import Placeholder
from resolver.playbook.policy import Policy
from resolver.playbook.syntax import PlaybookSyntax, StepSyntax, Texts
from resolver.playbook.vocabulary import Vocabulary
from resolver.source.node import ScalarNode
from resolver.source.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """A playbook under judgement. `ways` is None if its outcomes lead in a circle."""

    playbook: PlaybookSyntax
    names: Names
    vocabulary: Vocabulary
    policy: Policy | None
    ways: Ways | None
    problems: list[Problem]

    def report(
        self,
        code: str,
        message: str,
        place: ScalarNode,
        remedy: str,
        *,
        severity: Severity = "error",
        instead: str = "",
    ) -> None:
        """Add a problem at a word of the file; `instead` is the one word that can have been meant."""
        self.problems.append(
            Problem(code, message, place.where, place.length, help=remedy, severity=severity, instead=instead)
        )

    def placeholders(self, text: ScalarNode) -> tuple[Placeholder, ...]:
        """The names in braces of a text that could be read."""
        return tuple(part for part in self.names.templates.get(text, ()) if isinstance(part, Placeholder))

    def texts_of(self, reply: str) -> Texts:
        """The texts of a reply by language; none if there is no such reply."""
        found = self.playbook.replies.get(reply)
        return found.texts if found else {}

    def shown_in(self, reply: str) -> dict[str, tuple[Placeholder, ...]]:
        """The names in braces of a reply, for each language; of a reply with several forms those in all of them."""
        found = {language: self.placeholders(text) for language, text in self.texts_of(reply).items()}
        declared = self.playbook.replies.get(reply)
        for language, forms in declared.forms.items() if declared else ():
            names = [{one.name for one in self.placeholders(text)} for text in forms.values()]
            found[language] = tuple(one for one in found[language] if all(one.name in each for each in names))
        return found

    def every_text(self, reply: str) -> tuple[ScalarNode, ...]:
        """All texts of a reply, in every language and form; none if there is no such reply."""
        found = self.playbook.replies.get(reply)
        return tuple(found.every_text()) if found else ()

    def bound_name(self, value: ScalarNode) -> str | None:
        """The one name an argument is bound to; None if it is a formula or a value written out."""
        compiled = self.names.of(value)
        root = compiled.checked.expression.root if compiled else None
        return root.dotted if isinstance(root, Name) else None

    def type_of(self, value: ScalarNode) -> Type | None:
        """The type of an expression that could be read."""
        compiled = self.names.of(value)
        return compiled.type if compiled else None

    def can_be_undone(self, action: str) -> bool:
        """Whether an action has an `undo` that is offered here."""
        spec = self.vocabulary.actions.get(action)
        return spec is not None and spec.undo in self.vocabulary.actions

    def needs_yes(self, step: StepSyntax) -> bool:
        """Whether a `do` needs the customer's yes, by its interface or by the policy."""
        spec = self.vocabulary.actions.get(step.object.text)
        if spec is None:
            return False
        if spec.needs_confirmation or (self.policy is not None and self.policy.confirm_always):
            return True
        return spec.confirm != "not_needed" and not self.can_be_undone(spec.name)
