"""Where two lines of a trace differ: the byte, and the value it belongs to. Used by replay."""

import json
from typing import Any


def first_difference(stored: bytes, made: bytes) -> str:
    """`byte 412, rules[2].is`; the value is left out where the stored line is no JSON any more."""
    pairs = enumerate(zip(stored, made, strict=False))
    byte = next((place for place, (one, other) in pairs if one != other), min(len(stored), len(made)))
    try:
        path = _path(json.loads(stored), json.loads(made))
    except (ValueError, RecursionError):
        path = ""
    return f"byte {byte + 1}" + (f", {path}" if path else "")


def _path(stored: Any, made: Any) -> str:
    """The path to the first value that differs; the hash of a line, which differs with anything, comes last."""
    if isinstance(stored, dict) and isinstance(made, dict):
        for name in sorted(stored.keys() | made.keys(), key=lambda name: (name == "hash", name)):
            if stored.get(name) != made.get(name):
                below = _path(stored.get(name), made.get(name))
                return f"{name}{'' if below.startswith('[') or not below else '.'}{below}"
    if isinstance(stored, list) and isinstance(made, list):
        for place, (one, other) in enumerate(zip(stored, made, strict=False)):
            if one != other:
                below = _path(one, other)
                return f"[{place}]{'' if below.startswith('[') or not below else '.'}{below}"
    return ""
