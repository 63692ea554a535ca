# SPDX-License-Identifier: Apache-2.0
"""try_wheel.py FOLDER: tries an installed wheel: the command, a loader, and the versions. Writes to FOLDER."""

import pathlib
import subprocess
import sys

import numpy
import pinfeed

folder = pathlib.Path(sys.argv[1])
assert pathlib.Path(pinfeed.__file__).is_relative_to(sys.prefix), pinfeed.__file__
subprocess.run(["pinfeed", "--quiet", "shapes", folder / "shapes", "--images", "8", "--val", "1"], check=True)

truth = folder / "shapes" / "annotations" / "train.json"
dataset = dict(type="CocoDataset", ann_file=str(truth), data_prefix=dict(img=str(folder / "shapes" / "train")),
               pipeline=[dict(type="LoadImageFromFile"), dict(type="LoadAnnotations", with_bbox=True),
                         dict(type="Resize", scale=(64, 64)), dict(type="PackDetInputs")],
               metainfo=dict(classes=("circle", "square", "triangle", "star", "cross")))
config = dict(train_dataloader=dict(batch_size=4, sampler=dict(type="DefaultSampler", shuffle=True), dataset=dataset))
with pinfeed.Loader(config) as loader:
    images = [numpy.from_dlpack(image) for batch in loader for image in batch["inputs"]]
assert len(images) == 8 and all(image.shape == (3, 64, 64) and image.any() for image in images)

train = subprocess.run(["pinfeed", "train", "missing.py"], capture_output=True, text=True, check=False)
assert train.returncode in (2, 5), train.stderr
for name in ("py.typed", "_pinfeed.pyi"):
    assert (pathlib.Path(pinfeed.__file__).parent / name).exists(), name
print(f"-- pinfeed {pinfeed.__version__} works in Python {sys.version.split()[0]}", file=sys.stderr)
