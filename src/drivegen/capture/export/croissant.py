"""The data set as Croissant 1.0 metadata (docs.mlcommons.org/croissant) with the terms of RAI 1.0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

RAI_NAMES = (
    "dataCollection",
    "dataCollectionType",
    "dataAnnotationProtocol",
    "machineAnnotationTools",
    "dataPreprocessingProtocol",
    "personalSensitiveInformation",
    "dataBiases",
    "dataLimitations",
    "dataUseCases",
    "dataReleaseMaintenancePlan",
)
"""Terms of RAI that are filled in."""

_JSON_TERMS = ("data", "examples")
_VOCABULARY_TERMS = ("dataType",)
_TERMS = (
    *(
        "citeAs",
        "column",
        "equivalentProperty",
        "extract",
        "field",
        "fileProperty",
        "fileObject",
        "fileSet",
        "format",
        "includes",
    ),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)

Column = tuple[str, str, str]
"""Name, schema.org's type (Text, Integer, Float), what it says."""


def context() -> dict[str, Any]:
    """The `@context` that Croissant 1.0 prescribes, with RAI."""
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        **{term: f"cr:{term}" for term in _TERMS},
        **{term: {"@id": f"cr:{term}", "@type": "@json"} for term in _JSON_TERMS},
        **{term: {"@id": f"cr:{term}", "@type": "@vocab"} for term in _VOCABULARY_TERMS},
    }


def croissant(
    facts: dict[str, Any], rai: dict[str, str], table: str, table_sha256: str, columns: Sequence[Column]
) -> dict[str, Any]:
    """The metadata as JSON data.

    Args:
        facts: Properties of schema.org's Dataset (name, description, license, ...); empty ones are left out.
        rai: Texts by name, of `RAI_NAMES`.
        table: Name of the CSV file with a row a scene.
        table_sha256: Of that file.
        columns: Of that file.
    """
    return {
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        **{key: value for key, value in facts.items() if value},
        **{f"rai:{name}": rai[name] for name in RAI_NAMES if rai.get(name)},
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": table,
                "name": table,
                "description": "A row a scene.",
                "contentUrl": table,
                "encodingFormat": "text/csv",
                "sha256": table_sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "scenes",
                "name": "scenes",
                "description": "The scenes with their splits and what they were made from.",
                "key": {"@id": "scenes/scene"},
                "field": [_field(table, *column) for column in columns],
            }
        ],
    }


def _field(table: str, name: str, kind: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"scenes/{name}",
        "name": name,
        "description": description,
        "dataType": f"sc:{kind}",
        "source": {"fileObject": {"@id": table}, "extract": {"column": name}},
    }
