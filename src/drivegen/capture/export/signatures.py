"""Whether the C2PA signatures of a data set's scenes hold (`drivegen.capture.export.signing`)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drivegen.capture.export.manifest import MANIFEST
from drivegen.capture.export.request import is_name
from drivegen.capture.export.signing import FOLDER, INSTALL, LIST, MEDIA_TYPE, SIGNATURE, read_spans
from drivegen.core.errors import ExportError

_UNTRUSTED = "signingCredential.untrusted"
"""C2PA specification 2.2, section 15.2.2: the chain leads to no root that is known here."""


@dataclass(slots=True, kw_only=True)
class Signatures:
    """What was found of them."""

    problems: list[str] = field(default_factory=list)
    note: str = ""
    """What was looked at, in a sentence; empty where nothing is signed."""


def check_signatures(root: Path, scenes: Sequence[str], trust: Path | None = None) -> Signatures:
    """Holds the signatures of a data set against its manifest.

    What the manifest says of files is for `drivegen.capture.export.manifest.verify` to compare.

    Args:
        root: The data set's folder.
        scenes: Names, from its manifest.
        trust: PEM file of root certificates: each scene must be signed by somebody whom they vouch for. None:
            whoever signed is told, not judged, and scenes need no signature.

    Raises:
        ExportError: `trust` cannot be read, or signatures must be checked and the extra is not installed.
    """
    found = Signatures()
    folder = root / FOLDER
    if not folder.is_dir():
        if trust is not None:
            found.problems.append(f"{FOLDER}: no scene is signed")
        return found
    if find_spec("c2pa") is None:
        if trust is not None:
            raise ExportError(f"signatures cannot be checked; {INSTALL}")
        found.note = f"signatures in {FOLDER}/ were not checked; {INSTALL}"
        return found
    reader = _Reader(trust)
    signers: dict[str, int] = {}
    for scene in scenes:
        try:
            who = _check_scene(root, scene, reader)
            signers[who] = signers.get(who, 0) + 1
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            said = str(error) if type(error) is ValueError else "is damaged"
            found.problems.append(f"{FOLDER}/{scene}{SIGNATURE}: {said}")
        except OSError as error:
            found.problems.append(f"{FOLDER}/{scene}: cannot be read: {error.strerror or error}")
    whom = "vouched for by --trust" if trust is not None else "give --trust to have that name proven"
    if signers:
        found.note = f"{sum(signers.values())} scenes, signed by {', '.join(signers)} ({whom})"
    return found


def _check_scene(root: Path, scene: str, reader: _Reader) -> str:
    """Name of who signed. Raises ValueError with what is wrong."""
    if not is_name(scene):
        raise ValueError("no scene has such a name")
    listed = (root / FOLDER / f"{scene}{LIST}").read_bytes()
    who = reader.signer_of(listed, (root / FOLDER / f"{scene}{SIGNATURE}").read_bytes())
    first, _, rest = listed.partition(b"\n")
    head = json.loads(first)
    if head["scene"] != scene:
        raise ValueError("the list that it signs is another scene's")
    with (root / MANIFEST).open("rb") as file:
        pieces = list(read_spans(file, [(int(a), int(b)) for a, b in head["spans"]]))
        whole = file.read() == b"" and b"".join(pieces) == rest
    if not whole or json.loads(pieces[-2])["scene"] != scene or "root" not in json.loads(pieces[-1]):
        raise ValueError(f"what was signed is not what {MANIFEST} says")
    return who


class _Reader:
    """Reads manifest stores, without network."""

    def __init__(self, trust: Path | None) -> None:
        import c2pa  # noqa: PLC0415  (an extra)

        self._c2pa = c2pa
        self._trusts = trust is not None
        settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
        try:
            if trust is not None:
                settings["verify"]["verify_trust"] = True
                settings["trust"] = {"trust_anchors": trust.read_text(encoding="ascii")}
            self._context = c2pa.Context.from_dict(settings)
        except (OSError, ValueError, c2pa.C2paError) as error:
            raise ExportError(f"--trust {trust}: {error}; give a PEM file of root certificates") from None

    def signer_of(self, listed: bytes, store: bytes) -> str:
        """Who signed a list. Raises ValueError where the signature does not hold."""
        try:
            with self._c2pa.Reader(MEDIA_TYPE, io.BytesIO(listed), store, self._context) as reader:
                told = json.loads(reader.json())
        except self._c2pa.C2paError as error:
            raise ValueError(f"is damaged ({error})") from None
        failures = [f["code"] for f in told["validation_results"]["activeManifest"]["failure"]]
        wrong = [code for code in failures if self._trusts or code != _UNTRUSTED]
        if wrong or told["validation_state"] not in ("Valid", "Trusted"):
            raise ValueError(f"does not hold: {', '.join(wrong) or told['validation_state']}")
        if self._trusts and told["validation_state"] != "Trusted":
            raise ValueError("was signed by somebody whom --trust does not vouch for")
        signature = told["manifests"][told["active_manifest"]]["signature_info"]
        return str(signature.get("common_name") or signature.get("issuer") or "somebody without a name")
