"""Neutral settings for every test: no proxy between loopback and us, no time limit per generated example."""

import os

from hypothesis import settings

for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

settings.register_profile("neutral", deadline=None, print_blob=True)
settings.load_profile("neutral")
