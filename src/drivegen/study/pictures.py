"""Pictures and truths as arrays: of captures and their looks, of folders, of the Cityscapes layout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from drivegen import datasets
from drivegen.capture.look_file import LookFile
from drivegen.core.errors import CaptureError, ConfigError
from drivegen.datasets import ImageSet
from drivegen.study.classes import CLASS_OF_CITYSCAPES, CLASS_OF_TAG

Pictures = UInt8[np.ndarray, "n 3 h w"]
Truths = UInt8[np.ndarray, "n h w"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """n pictures with the class of each pixel (`drivegen.study.classes`)."""

    rgb: Pictures
    truth: Truths

    def __len__(self) -> int:
        return len(self.rgb)


def looks_of(run: Path, scenes: Iterable[str]) -> dict[str, str]:
    """The back end of each look that all of these scenes have, by the look's name."""
    folder = run / "looks"
    found: dict[str, str] = {}
    for look in sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []:
        plugins = set()
        for scene in scenes:
            try:
                with LookFile(folder / look / f"{scene}.mcap") as file:
                    plugins.add(file.origin.plugin)
            except CaptureError:
                plugins.clear()
                break
        if len(plugins) == 1:
            found[look] = plugins.pop()
    return found


def of_captures(
    run: Path, scenes: Iterable[str], size: tuple[int, int], *, look: str = "", most: int = 0
) -> Labelled:
    """Images of a run's scenes, scaled to (width, height).

    Args:
        run: The run folder.
        scenes: Names.
        size: Width and height.
        look: Whose colours; empty: the simulator's. The images are the same ones, in the same order.
        most: So many, evenly over all; 0: all.

    Raises:
        CaptureError: A capture or look cannot be read.
    """
    frames = datasets.open(run, look=look).of_scenes(list(scenes))
    images: ImageSet = frames.images()
    numbers = range(len(images))
    if most and most < len(images):
        numbers = np.linspace(0, len(images) - 1, most).round().astype(int)  # type: ignore[assignment]
    rgb, truth = [], []
    for number in numbers:
        image = images[int(number)]
        rgb.append(cv2.resize(image.rgb, size, interpolation=cv2.INTER_AREA).transpose(2, 0, 1))
        truth.append(CLASS_OF_TAG[cv2.resize(image.semantic, size, interpolation=cv2.INTER_NEAREST)])
    frames.close()
    return Labelled(rgb=np.stack(rgb), truth=np.stack(truth))


def of_folder(folder: Path, size: tuple[int, int], most: int = 0) -> Labelled:
    """A real data set as a test set: the Cityscapes layout, or `images/` and `masks/` with equal file names.

    Masks hold Cityscapes' labelIds. Of Cityscapes the split `val` is taken.

    Raises:
        ConfigError: There is no such layout, a mask is missing, or a file is no image.
    """
    pairs = _cityscapes(folder) if (folder / "leftImg8bit").is_dir() else _plain(folder)
    if most and most < len(pairs):
        pairs = [pairs[int(i)] for i in np.linspace(0, len(pairs) - 1, most).round()]
    rgb, truth = [], []
    for picture, mask in pairs:
        colours = cv2.imread(str(picture), cv2.IMREAD_COLOR)
        ids = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED)
        if colours is None or ids is None or ids.ndim != 2 or ids.shape != colours.shape[:2]:
            raise ConfigError(f"{picture} and {mask}: an image and a one-channel mask of its size are wanted")
        colours = cv2.cvtColor(colours, cv2.COLOR_BGR2RGB)
        rgb.append(cv2.resize(colours, size, interpolation=cv2.INTER_AREA).transpose(2, 0, 1))
        truth.append(CLASS_OF_CITYSCAPES[cv2.resize(ids, size, interpolation=cv2.INTER_NEAREST)])
    return Labelled(rgb=np.stack(rgb), truth=np.stack(truth))


def _cityscapes(folder: Path) -> list[tuple[Path, Path]]:
    pairs = []
    for picture in sorted((folder / "leftImg8bit" / "val").glob("*/*_leftImg8bit.png")):
        name = picture.name.replace("_leftImg8bit.png", "_gtFine_labelIds.png")
        pairs.append((picture, folder / "gtFine" / "val" / picture.parent.name / name))
    return _checked(pairs, folder)


def _plain(folder: Path) -> list[tuple[Path, Path]]:
    pictures = sorted(
        p for p in (folder / "images").glob("*") if p.suffix.lower() in (".png", ".jpg", ".jpeg")
    )
    return _checked([(p, folder / "masks" / f"{p.stem}.png") for p in pictures], folder)


def _checked(pairs: list[tuple[Path, Path]], folder: Path) -> list[tuple[Path, Path]]:
    if not pairs:
        raise ConfigError(
            f"{folder}: no images; leftImg8bit/val and gtFine/val as in Cityscapes, or images/ and masks/ are"
            " wanted"
        )
    missing = next((mask for _, mask in pairs if not mask.is_file()), None)
    if missing is not None:
        raise ConfigError(f"{missing} is missing: each image wants a mask")
    return pairs
