"""The installation, desk and shop that resolution's tests use."""

from tests.resolution.conftest import desk, email, engine_is_freed, house, installation, shop

__all__ = ["desk", "email", "engine_is_freed", "house", "installation", "shop"]
