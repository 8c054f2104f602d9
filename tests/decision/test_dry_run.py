"""The dry run: what is offered is tried first, and what would be refused is not offered (LANGUAGE 6)."""

from resolver.condition.values import Amount
from resolver.decision.effects import Approve, Confirm, DryRun, HandOff, Perform, Performed, Reply
from resolver.decision.facts import Facts, begin
from resolver.decision.record import TurnRecord, record_of, replayed
from resolver.money import Money
from resolver.playbook.plan import Mode
from tests.decision.conftest import REFUND, Desk, Maker, order_fields, said

WOULD_GO = Performed("done")


class Trying(Desk):
    """A desk whose shop can try these actions; `came` is what trying comes to, in turn."""

    def __init__(
        self, make: Maker, *came: Performed, text: str = REFUND, tries: tuple[str, ...] = ("shop.refund",)
    ):
        super().__init__(make.plan(text), make.policy(), orders={"10231": order_fields()})
        self.came = list(came)
        self.facts = begin(
            self.plan, self.policy, run="r1", mode=Mode.AUTO, now=self.now, level=self.level, language="en",
            customer=self.customer, ticket={"channel": "email", "tags": (), "created_at": self.now},
        ).changed(dry_runs=tries, turn=0)  # fmt: skip

    def _result(self, effect: object) -> object:
        if isinstance(effect, DryRun):
            return self.came.pop(0) if self.came else WOULD_GO
        return super()._result(effect)

    def asks(self) -> None:
        self.hears(said("Refund 10231", order_number="10231"))


def test_the_offer_is_tried_before_the_customer_is_asked(make: Maker) -> None:
    ticket = Trying(make)

    ticket.asks()

    (trial,) = ticket.of(DryRun)
    assert (trial.action, trial.step) == ("shop.refund", "refund_order/pay_back/do-shop.refund")
    assert trial.arguments["amount"] == Amount.of(Money.parse("39.90 EUR"))
    assert trial.offer == ticket.of(Confirm)[0].offer
    kinds = [type(one) for one in ticket.effects]
    assert kinds.index(DryRun) < kinds.index(Confirm)


def test_where_nothing_can_be_tried_the_customer_is_asked_at_once(make: Maker) -> None:
    ticket = Trying(make, tries=())

    ticket.asks()

    assert (ticket.of(DryRun), len(ticket.of(Confirm))) == ([], 1)


def test_what_would_be_refused_takes_the_edge_of_its_code_and_asks_nobody(make: Maker) -> None:
    ticket = Trying(make, Performed("refused", code="already_refunded"))

    ticket.asks()

    assert ticket.of(Confirm) == []
    assert [one.reply for one in ticket.of(Reply)] == ["already"]
    assert (ticket.all_performed, ticket.ending) == ([], "answered")


def test_what_would_be_refused_for_a_reason_nobody_named_goes_to_a_person(make: Maker) -> None:
    ticket = Trying(make, Performed("refused"))

    ticket.asks()

    (hand_off,) = ticket.of(HandOff)
    assert hand_off.reason == "would_refuse:shop.refund"
    assert ticket.of(Confirm) == []


def test_what_could_not_be_tried_is_asked(make: Maker) -> None:
    ticket = Trying(make, Performed("unknown"))

    ticket.asks()

    assert len(ticket.of(Confirm)) == 1


def test_what_was_agreed_to_is_not_tried_again(make: Maker) -> None:
    ticket = Trying(make)
    ticket.asks()
    ticket.hears(said("hm", "unclear", message="m2"))
    assert ticket.of(DryRun) == []

    ticket.hears(said("yes", "yes", message="m3"))

    assert ticket.of(DryRun) == []
    assert [one.action for one in ticket.of(Perform)] == ["shop.refund"]


def test_another_offer_is_tried_before_it_is_made(make: Maker) -> None:
    ticket = Trying(make)
    ticket.asks()
    ticket.orders["10231"] = order_fields(refunded=Money.parse("9.90 EUR"))

    ticket.hears(said("yes", "yes", message="m2"))

    (trial,) = ticket.of(DryRun)
    assert trial.arguments["amount"] == Amount.of(Money.parse("30 EUR"))
    assert len(ticket.of(Confirm)) == 1


def test_what_a_team_is_asked_alone_is_tried_too(make: Maker) -> None:
    asks = "    - confirm: confirm_refund\n      if_no: keep\n"
    only = REFUND.replace(asks, "").replace("    - do: shop.refund", f"{asks}    - do: shop.refund")
    only = only.replace("amount > limits.refund_without_approval", "amount > 0 EUR")
    ticket = Trying(make, text=only)

    ticket.asks()

    kinds = [type(one) for one in ticket.effects]
    assert kinds.index(DryRun) < kinds.index(Approve)


def test_a_tried_offer_is_stored_and_decided_again_to_the_same_bytes(make: Maker) -> None:
    ticket = Trying(make)
    ticket.save = lambda facts: Facts.from_json(facts.to_json(), ticket.plan, ticket.policy)
    ticket.asks()

    again = replayed(ticket.plan, ticket.policy, TurnRecord.from_json(record_of(ticket.walk).to_json()))

    assert again.facts.to_json() == ticket.walk.facts.to_json()
    assert ticket.facts.tried.steps == ("refund_order/pay_back/do-shop.refund",)
