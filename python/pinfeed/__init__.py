# SPDX-License-Identifier: Apache-2.0
"""pinfeed: data loaders, schedules and metrics of OpenMMLab configs, native and exact.

    for batch in pinfeed.Loader("config.py"):
        images = [torch.from_dlpack(image) for image in batch["inputs"]]

docs/python.md describes the package.
"""

from pinfeed._pinfeed import Element, Masks, Tensor, __version__
from pinfeed._config import Config, ConfigDict, DottedName
from pinfeed._error import Error, Warning
from pinfeed._files import coco_eval, load_weights
from pinfeed._loader import Loader
from pinfeed._nest import DataContainer
from pinfeed._reports import list_parts, memory_report
from pinfeed._schedule import LRScheduler, schedule

__all__ = ["Config", "ConfigDict", "DataContainer", "DottedName", "Element", "Error", "LRScheduler", "Loader", "Masks",
           "Tensor", "Warning", "__version__", "coco_eval", "list_parts", "load_weights", "memory_report", "schedule"]
