"""Carry out the Dockerfile's steps without building an image.

Run by hand (python scripts/image_steps.py) and by the slow packaging test. It installs as the image does into an
empty folder, starts what the image starts with an empty home, asks its health and stops it. It fails if anything was
written outside the data folder.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
START_S = 60
DRAIN_S = 20


class Image:
    """The Dockerfile with its folders and its port put elsewhere."""

    def __init__(self, root: Path) -> None:
        self.installed, self.data = root / "resolver", root / "data"
        self.port = _free_port()
        self._text = (REPOSITORY / "Dockerfile").read_text("utf-8")

    def words(self, instruction: str) -> list[str]:
        """The JSON words of the last ENTRYPOINT, CMD or HEALTHCHECK … CMD."""
        found = re.findall(rf"^{instruction}\b[^\[\n]*(\[.*\])$", self._text, re.MULTILINE)
        return [self._moved(word) for word in json.loads(found[-1])]

    def environment(self) -> dict[str, str]:
        """What the image sets, and nothing of the caller's."""
        named = dict(re.findall(r"^ENV (\w+)=(.*)$", self._text, re.MULTILINE))
        return {name: self._moved(value).replace("$PATH", os.defpath) for name, value in named.items()}

    def _moved(self, text: str) -> str:
        moves = {"/opt/resolver": str(self.installed), "/data": str(self.data), "0.0.0.0": "127.0.0.1"}
        for old, new in {**moves, "8080": str(self.port)}.items():
            text = text.replace(old, new)
        return text


def main() -> None:
    """Install, look, start, ask, stop; exit code 0 if every step did what the image does."""
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        image = Image(Path(folder))
        _step("install", lambda: _install(image))
        before = _files(image.installed)
        _step("version", lambda: _run(image, "version"))
        _step("serve, ask its health, stop", lambda: _serve(image))
        if changed := before ^ _files(image.installed):
            sys.exit(f"Written outside the data folder: {sorted(map(str, changed))[:5]}")
    print("The image's steps work here. The image itself was not built.")


def _step(name: str, act: Callable[[], None]) -> None:
    started_at = time.monotonic()
    act()
    print(f"{name}: {time.monotonic() - started_at:.1f} s", flush=True)


def _install(image: Image) -> None:
    image.data.mkdir()
    shutil.copy(REPOSITORY / "config.example.yaml", image.data / "config.yaml")
    home = {"HOME": str(image.data), "PYTHON": sys.executable}
    subprocess.run(
        [REPOSITORY / "scripts" / "install-image", image.installed], check=True, env={**os.environ, **home}
    )


def _run(image: Image, *arguments: str) -> None:
    entry = image.words("ENTRYPOINT")
    subprocess.run([*entry, *arguments], check=True, cwd=image.data, env=image.environment())


def _serve(image: Image) -> None:
    command = image.words("ENTRYPOINT") + image.words("CMD")
    server = subprocess.Popen(command, cwd=image.data, env=image.environment())
    try:
        _wait_until_healthy(image, server)
        server.send_signal(signal.SIGTERM)
        status = server.wait(DRAIN_S)
    finally:
        server.kill()
    if status not in (0, 128 + signal.SIGTERM, -signal.SIGTERM):
        sys.exit(f"The server ended with {status} after SIGTERM.")


def _wait_until_healthy(image: Image, server: subprocess.Popen[bytes]) -> None:
    check = image.words("HEALTHCHECK")
    until = time.monotonic() + START_S
    while subprocess.run(check, env=image.environment(), capture_output=True, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            sys.exit("The server did not become healthy.")
        time.sleep(0.2)


def _files(folder: Path) -> set[tuple[Path, int]]:
    return {(path, path.lstat().st_mtime_ns) for path in folder.rglob("*") if not path.is_dir()}


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


if __name__ == "__main__":
    main()
