#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains epochs of configs/bccd_finetune.py with PyTorch's DataLoader, OpenCV and the model of fcos.py, and
prints the seconds of each epoch. Usage: train_epoch.py CONFIG.json EPOCHS [WORKERS]

The pipeline is the config's: the same steps with the same ranges, written as plainly as people write
them for a DataLoader."""
import json
import os
import random
import sys
import time

import cv2
import numpy as np
import torch

from fcos import Fcos


class Cells(torch.utils.data.Dataset):
    """The images of a COCO file that have objects."""

    def __init__(self, keys):
        root = keys['data_root']
        with open(os.path.join(root, keys['ann_file'])) as file:
            coco = json.load(file)
        names = {c['id']: c['name'] for c in coco['categories']}
        labels = {name: i for i, name in enumerate(keys['metainfo']['classes'])}
        objects = {}
        for one in coco['annotations']:
            if names[one['category_id']] in labels:
                objects.setdefault(one['image_id'], []).append(one)
        self.records = []
        for image in coco['images']:
            found = objects.get(image['id'], [])
            boxes = np.array([one['bbox'] for one in found], np.float32).reshape(-1, 4)
            boxes[:, 2:] += boxes[:, :2]
            classes = np.array([labels[names[one['category_id']]] for one in found], np.int64)
            path = os.path.join(root, keys['data_prefix']['img'], image['file_name'])
            if len(found):
                self.records.append((path, boxes, classes))
        steps = {step['type']: step for step in keys['pipeline']}
        self.width, self.height = steps['RandomCrop']['crop_size']
        self.ratios = steps['RandomResize']['ratio_range']

    def __len__(self):
        return len(self.records)

    def __getitem__(self, index):
        path, boxes, labels = self.records[index]
        image, boxes = cv2.imread(path), boxes.copy()
        image, boxes = self.resized(image, boxes)
        image, boxes = self.cropped(image, boxes)
        image, boxes = self.flipped(image, boxes)
        sides = boxes[:, 2:] - boxes[:, :2]
        keep = (sides >= 2).all(1)
        if not keep.any():
            return self[random.randrange(len(self))]
        canvas = np.full((self.height, self.width, 3), 114, np.uint8)
        canvas[:image.shape[0], :image.shape[1]] = image
        return (torch.from_numpy(np.ascontiguousarray(canvas.transpose(2, 0, 1))), torch.from_numpy(boxes[keep]),
                torch.from_numpy(labels[keep]))

    def resized(self, image, boxes):
        ratio = random.uniform(*self.ratios)
        scale = min(self.width * ratio / image.shape[1], self.height * ratio / image.shape[0])
        size = int(image.shape[1] * scale + 0.5), int(image.shape[0] * scale + 0.5)
        return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), boxes * np.float32(scale)

    def cropped(self, image, boxes):
        y = random.randint(0, max(image.shape[0] - self.height, 0))
        x = random.randint(0, max(image.shape[1] - self.width, 0))
        image = image[y:y + self.height, x:x + self.width]
        boxes = boxes - np.array([x, y, x, y], np.float32)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, image.shape[1])
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, image.shape[0])
        return image, boxes

    @staticmethod
    def flipped(image, boxes):
        drawn = random.randrange(4)
        height, width = image.shape[:2]
        if drawn in (0, 2):
            image, boxes = image[:, ::-1], np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
        if drawn in (1, 2):
            image, boxes = image[::-1], np.stack([boxes[:, 0], height - boxes[:, 3], boxes[:, 2], height - boxes[:, 1]], 1)
        return image, boxes


def collate(samples):
    images, boxes, labels = zip(*samples)
    return torch.stack(images), list(zip(boxes, labels))


def one_thread(_):
    cv2.setNumThreads(0)


def optimizer_of(model, keys):
    """Weight decay for matrices only, as norm_decay_mult=0 and bias_decay_mult=0."""
    options = {k: v for k, v in keys.items() if k != 'type'}
    plain = [p for p in model.parameters() if p.requires_grad and p.dim() < 2]
    decayed = [p for p in model.parameters() if p.requires_grad and p.dim() >= 2]
    return torch.optim.AdamW([dict(params=decayed), dict(params=plain, weight_decay=0.0)], **options)


def main(config, epochs, workers=2):
    with open(config) as file:
        config = json.load(file)
    torch.manual_seed(0)
    model = Fcos(config['model']).train()
    optimizer = optimizer_of(model, config['optim_wrapper']['optimizer'])
    mean, std = (torch.tensor([127.5] * 3).view(1, 3, 1, 1) for _ in range(2))
    keys = config['train_dataloader']
    loader = torch.utils.data.DataLoader(Cells(keys['dataset']), batch_size=keys['batch_size'], shuffle=True,
                                         num_workers=int(workers), persistent_workers=int(workers) > 0,
                                         collate_fn=collate, worker_init_fn=one_thread)
    for _ in range(int(epochs)):
        begin = time.perf_counter()
        images_seen = 0
        for images, targets in loader:
            images = (images[:, [2, 1, 0]].float() - mean) / std
            loss = sum(model.losses(images, targets).values())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            loss.item()
            images_seen += len(images)
        print(f'{time.perf_counter() - begin:.3f} {images_seen}', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
