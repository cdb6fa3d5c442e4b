"""COCO's categories (Lin et al. 2014; of what is no thing, Kirillov et al. 2019), by `classes.yaml`."""

from __future__ import annotations

from drivegen_exporters.classes import vocabulary

WORDS = vocabulary("coco")
CATEGORIES = tuple(WORDS.categories.values())
PERSON = next(c.id for c in CATEGORIES if c.name == "person")
THINGS = frozenset(c.id for c in CATEGORIES if c.values["thing"])
CATEGORY_OF_TAG = WORDS.tag_table()
"""0 where there is none."""
