"""Everything that goes wrong, from one seed: each draw depends on the seed, what it is for and how often that came."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

OK = 0.55  # how often a call goes well
CLOCK_JUMPS_S = (-3600, -5, 5, 301, 86_400)
FAULTS = tuple(
    "connect_error connect_timeout read_timeout_after_execute read_timeout_before_execute reset_after_execute "
    "reset_mid_body 500_after_execute 500_before_execute 502_html 503_retry_after_2 429_retry_after_1 429_no_header "
    "429_retry_after_http_date 200_malformed_json 200_empty 200_truncated 200_wrong_schema 200_extra_unknown_fields "
    "slow_body_10s 401_expired_token 403 404_then_200 409_conflict 422 redirect_307_other_host tls_error "
    "duplicate_response_of_other_request 200_graphql_userErrors 200_graphql_THROTTLED".split()
)
DATABASE_FAULTS = ("locked", "disk_full", "conn_reset", "serialization_failure")

Provider = Literal["native", "none", "stale"]


@dataclass(slots=True)
class Chance:
    """The luck of one seed. `peace` ends all misfortune, so that what was begun can be seen to end."""

    seed: int
    peace: bool = False
    drawn: Counter[str] = field(default_factory=Counter)

    def of(self, *what: object) -> random.Random:
        """The generator for the next draw of this kind."""
        name = ":".join(str(one) for one in what)
        self.drawn[name] += 1
        return random.Random(f"{self.seed}:{name}:{self.drawn[name]}")

    def fault(self, provider: str, operation: str) -> str | None:
        """What goes wrong with this call of a provider, if something does."""
        draw = self.of(provider, operation)
        if self.peace or draw.random() < OK:
            return None
        return draw.choice(FAULTS)

    def database_fault(self) -> str | None:
        """What goes wrong with this transaction."""
        draw = self.of("database")
        return draw.choice(DATABASE_FAULTS) if not self.peace and draw.random() < 0.03 else None

    def dies(self, boundary: str) -> bool:
        """Whether the process dies here."""
        return not self.peace and self.of("death", boundary).random() < 0.03

    def clock_jump_s(self) -> int:
        """By how much the machine's clock is put forward or back now; mostly not at all."""
        draw = self.of("clock")
        return draw.choice(CLOCK_JUMPS_S) if not self.peace and draw.random() < 0.02 else 0
