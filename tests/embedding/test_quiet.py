"""The encoder talks to nobody: what it is built on would like to."""

import os
import subprocess
import sys
from pathlib import Path


def test_loading_the_encoder_leaves_no_session_of_the_runtimes_own_telemetry(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}

    subprocess.run(
        [sys.executable, "-c", "from resolver.embedding.encoder import Encoder; Encoder.load(None)"],
        env={**environment, "TMPDIR": str(tmp_path)},
        check=True,
        timeout=120,
    )

    assert list(tmp_path.iterdir()) == []  # with telemetry on, onnxruntime keeps its session id here
