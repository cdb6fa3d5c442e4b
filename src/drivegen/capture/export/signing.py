"""C2PA signatures: one manifest a scene, which binds the scene's lines of the data set's manifest.

Beside the data lies, for each scene, `c2pa/SCENE.jsonl`, a list, and `c2pa/SCENE.c2pa`, its signature:
a manifest store outside of the file that it speaks of (C2PA specification 2.2, section 11.4, "External
manifests"), bound to the list's bytes by a data hash (section 9.2, "Hard bindings"). The list's first line
says where the other lines stand in `manifest.jsonl`; these are the lines of the files that the scene gave,
of the scene, with the hashes of plan and capture, and of the root, which stands for all other files.

A signature holds the time and random identifiers, so that two signatures of the same bytes differ. They are
therefore not among the files of the manifest; every file that is, has the same bytes with and without them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivegen import __version__
from drivegen.capture.export.options import read_options
from drivegen.core.errors import ExportError

FOLDER = "c2pa"
LIST, SIGNATURE = ".jsonl", ".c2pa"
MEDIA_TYPE = "application/octet-stream"
"""Of lists: C2PA has no type for them, and an external manifest may speak of any bytes."""
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
"""C2PA specification 2.2, section 13.2.1."""
SOURCES = ("algorithmicMedia", "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
"""IPTC's digital source types that can be: by a simulator, by a generative model, edited by one."""
ASSERTION = "drivegen.scene"
INSTALL = "pip install 'drivegen[c2pa]'"
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}

Spans = Sequence[tuple[int, int]]
"""First byte, and the one behind the last, of pieces of `manifest.jsonl`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs. Certificate and key are read where they are, never copied."""

    certificate: str = ""
    """PEM file: the signer's certificate, then those that lead to the root's."""
    key: str = ""
    """PEM file: the signer's private key, not encrypted."""
    algorithm: str = "ps256"
    source: str = "algorithmicMedia"
    """IPTC's digital source type of what was made."""


def read_signing(given: Any, where: str) -> Signing | None:
    """What is asked of signatures; none where none is. Raises ExportError.

    Args:
        given: Values by name.
        where: For messages.
    """
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise ExportError(f"{where}: c2pa={given!r}: values by name are wanted, for example c2pa.key=...")
    signing = read_options(Signing, {str(k): v for k, v in given.items()}, f"{where}: c2pa")
    if not signing.certificate or not signing.key:
        raise ExportError(f"{where}: c2pa.certificate and c2pa.key are wanted, each the path of a PEM file")
    if signing.algorithm not in ALGORITHMS:
        raise ExportError(f"{where}: c2pa.algorithm={signing.algorithm!r}: {', '.join(ALGORITHMS)} are known")
    if signing.source not in SOURCES:
        raise ExportError(f"{where}: c2pa.source={signing.source!r}: {', '.join(SOURCES)} are known")
    return signing


class SceneSigner:
    """Signs lists of scenes.

    Raises:
        ExportError: The extra is not installed, a file cannot be read, or certificate, key and algorithm do
            not fit.
    """

    def __init__(self, signing: Signing) -> None:
        try:
            import c2pa  # noqa: PLC0415  (an extra)
        except ImportError:
            raise ExportError(f"c2pa: the extra is not installed; {INSTALL}") from None
        self._c2pa = c2pa
        self._source = _IPTC + signing.source
        certificate, key = _read(signing.certificate, "certificate"), _read(signing.key, "key")
        try:
            info = c2pa.C2paSignerInfo(signing.algorithm, certificate, key, None)
            self._signer = c2pa.Signer.from_info(info)
            self._context = c2pa.Context.from_dict(_OFFLINE)
        except c2pa.C2paError as error:
            raise _cannot(signing, error) from None
        self._signing = signing
        # What does not fit is told now, and not when hours of work are done.
        self.sign(b"drivegen\n", "trial", {})

    def sign(self, listed: bytes, title: str, facts: Mapping[str, Any]) -> bytes:
        """The manifest store of a list.

        Args:
            listed: The list.
            title: Name of its file.
            facts: What is said of the scene, beside where the list comes from.

        Raises:
            ExportError: Certificate, key and algorithm do not fit.
        """
        action = {"action": "c2pa.created", "digitalSourceType": self._source}
        definition = {
            "claim_generator_info": [{"name": "drivegen", "version": __version__}],
            "title": title,
            "format": MEDIA_TYPE,
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
                {"label": ASSERTION, "data": dict(facts)},
            ],
        }
        try:
            with self._c2pa.Builder(definition, self._context) as builder:
                builder.set_no_embed()
                store: bytes = builder.sign(self._signer, MEDIA_TYPE, io.BytesIO(listed), io.BytesIO())
        except self._c2pa.C2paError as error:
            raise _cannot(self._signing, error) from None
        return store


def signed_scenes(
    manifest: Path, spans: Mapping[str, Spans], signer: SceneSigner
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the lists and signatures of all scenes.

    Args:
        manifest: The finished `manifest.jsonl`.
        spans: By scene: where its lines stand. Last the scene's own, and the root.
        signer: Signs them.
    """
    with manifest.open("rb") as file:
        for scene, places in spans.items():
            pieces = list(read_spans(file, places))
            facts = {**json.loads(pieces[-2]), "root": json.loads(pieces[-1])["root"]}
            head = {"scene": scene, "manifest": manifest.name, "spans": [list(p) for p in places]}
            listed = b"".join([json.dumps(head, ensure_ascii=False).encode(), b"\n", *pieces])
            name = f"{FOLDER}/{scene}{LIST}"
            yield name, listed
            yield f"{FOLDER}/{scene}{SIGNATURE}", signer.sign(listed, name, facts)


def read_spans(file: io.BufferedReader, spans: Spans) -> Iterator[bytes]:
    """Pieces of a file. Raises ValueError for a span that is none."""
    for first, end in spans:
        if not 0 <= first < end:
            raise ValueError(f"no span: {first}, {end}")
        file.seek(first)
        yield file.read(end - first)


def _cannot(signing: Signing, error: Exception) -> ExportError:
    return ExportError(
        f"c2pa.certificate={signing.certificate} cannot sign with c2pa.key and"
        f" c2pa.algorithm={signing.algorithm}: {error}"
    )


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ExportError(
            f"c2pa.{what}={path} cannot be read: {error.strerror or error}; give the path of a PEM file"
        ) from None
