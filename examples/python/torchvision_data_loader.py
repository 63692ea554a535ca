# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a Faster R-CNN of torchvision on BCCD with a data loader of torch.

    python examples/python/torchvision_data_loader.py ../shared/data/bccd [--weights FILE]
"""
import argparse
import itertools
import json
import os
import random

import torch
import torchvision
from PIL import Image
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.transforms.functional import hflip, to_tensor

parser = argparse.ArgumentParser()
parser.add_argument("data", help="the folder of BCCD")
parser.add_argument("--weights", help="torchvision's weights for COCO, a file; without them it learns from nothing")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--iterations", type=int, help="stop an epoch after this many batches")
arguments = parser.parse_args()


class Cells(torch.utils.data.Dataset):
    def __init__(self, folder):
        with open(os.path.join(folder, "annotations", "train.json")) as file:
            found = json.load(file)
        self.folder, self.images = folder, found["images"]
        self.objects = {image["id"]: [one for one in found["annotations"] if one["image_id"] == image["id"]]
                        for image in self.images}

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        pixels = to_tensor(Image.open(os.path.join(self.folder, "JPEGImages", image["file_name"])).convert("RGB"))
        boxes = torch.tensor([one["bbox"] for one in self.objects[image["id"]]], dtype=torch.float32)
        boxes[:, 2:] += boxes[:, :2]
        if random.random() < 0.5:
            pixels = hflip(pixels)
            boxes[:, [0, 2]] = image["width"] - boxes[:, [2, 0]]
        labels = torch.tensor([one["category_id"] for one in self.objects[image["id"]]])
        return pixels, {"boxes": boxes, "labels": labels}


loader = torch.utils.data.DataLoader(Cells(arguments.data), batch_size=4, shuffle=True, num_workers=2,
                                     collate_fn=lambda samples: tuple(zip(*samples)))

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
