# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a Faster R-CNN of torchvision on BCCD with batches of pinfeed.

    python examples/python/torchvision_pinfeed.py ../shared/data/bccd [--weights FILE]
"""
import argparse
import itertools

import torch
import torchvision
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor

import pinfeed.torch

parser = argparse.ArgumentParser()
parser.add_argument("data", help="the folder of BCCD")
parser.add_argument("--weights", help="torchvision's weights for COCO, a file; without them it learns from nothing")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--iterations", type=int, help="stop an epoch after this many batches")
arguments = parser.parse_args()

loader = pinfeed.torch.IterableDataset("examples/python/bccd.py", convert=pinfeed.torch.to_detection,
                                       cfg_options={"data_root": arguments.data + "/"})

model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
if arguments.weights:
    model.load_state_dict(torch.load(arguments.weights, weights_only=True))
features = model.roi_heads.box_predictor.cls_score.in_features
model.roi_heads.box_predictor = FastRCNNPredictor(features, num_classes=4)
device = "cuda" if torch.cuda.is_available() else "cpu"
model.to(device).train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

for epoch in range(arguments.epochs):
    for images, targets in itertools.islice(loader, arguments.iterations):
        images = [image.to(device) for image in images]
        targets = [{key: value.to(device) for key, value in target.items()} for target in targets]
        loss = sum(model(images, targets).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"epoch {epoch + 1}  loss {loss.item():.4f}", flush=True)
