"""Reading captures as data: frames and images as numpy arrays by number, and as a Dataset of torch.

from drivegen import datasets

frames = datasets.open("runs/demo")            # a run, a folder of captures, one capture, or a URL
front = frames[40].agent("ego").rgb("CAM_FRONT")
images = frames.images(channels=["CAM_FRONT"]) # one item an image
images.torch(transform=my_function)            # needs torch: pip install 'drivegen[train]'
"""

from drivegen.datasets.boxes import CLASSES, Boxes, PixelBoxes
from drivegen.datasets.calibration import Calibration
from drivegen.datasets.frames import FrameSet
from drivegen.datasets.image_set import ImageSet
from drivegen.datasets.opened import open_captures as open
from drivegen.datasets.views import AgentView, FrameView, ImageView

__all__ = [
    "CLASSES",
    "AgentView",
    "Boxes",
    "Calibration",
    "FrameSet",
    "FrameView",
    "ImageSet",
    "ImageView",
    "PixelBoxes",
    "open",
]
