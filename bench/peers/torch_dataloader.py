# SPDX-License-Identifier: Apache-2.0
"""pinfeed.Loader beside PyTorch's DataLoader with the same operations, in turn: torch_dataloader.py IMAGES ANNOTATIONS [options]

P1: Resize 1333x800 keep ratio (OpenCV's bilinear filter), flip, batch 2 padded to multiples of 32. P2: RandomResizedCrop 224
(0.2 to 1.0 of the area, Pillow's bicubic filter), flip, batch 64. uint8, 2 workers or threads. IMAGES is a folder of JPEGs,
ANNOTATIONS a file of COCO. pinfeed runs without and with a filled decode cache. Each run is a process of its own; the first
second is left out. Prints medians of images/s and of the ratios within a round. First it checks that the pixels of P1 are equal.
Needs torch, numpy, OpenCV, Pillow, and the package pinfeed on the path.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

CONFIGS = {
    "P1": """default_scope = 'mmdet'
train_dataloader = dict(batch_size=2, num_workers=2, persistent_workers=True, sampler=dict(type='DefaultSampler', shuffle={shuffle}),
    collate_fn=dict(type='pad_collate', size_divisor=32), dataset=dict(type='CocoDataset', ann_file={annotations!r},
    data_prefix=dict(img={images!r}), filter_cfg=None, pipeline=[dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True), dict(type='Resize', scale=(1333, 800), keep_ratio=True),
    dict(type='RandomFlip', prob={flip}), dict(type='PackDetInputs')]))
""",
    "P2": """default_scope = 'mmpretrain'
train_dataloader = dict(batch_size=64, num_workers=2, persistent_workers=True, sampler=dict(type='DefaultSampler', shuffle={shuffle}),
    collate_fn=dict(type='default_collate'), dataset=dict(type='CustomDataset', data_root={images!r}, with_label=False,
    pipeline=[dict(type='LoadImageFromFile'), dict(type='RandomResizedCrop', scale=224, crop_ratio_range=(0.2, 1.0),
    backend='pillow', interpolation='bicubic'), dict(type='RandomFlip', prob={flip}), dict(type='PackInputs')]))
""",
}


class P1:
    def __init__(self, images, annotations, flip):
        read = json.load(open(annotations))
        boxes = {}
        for item in read["annotations"]:
            if not item.get("iscrowd"):
                boxes.setdefault(item["image_id"], []).append([*item["bbox"], item["category_id"]])
        self.items = [(pathlib.Path(images) / image["file_name"], boxes.get(image["id"], [])) for image in read["images"]]
        self.flip = flip

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        import cv2
        import numpy
        import torch
        path, objects = self.items[index]
        image = cv2.imread(str(path))
        height, width = image.shape[:2]
        scale = min(1333 / max(height, width), 800 / min(height, width))
        size = int(width * scale + 0.5), int(height * scale + 0.5)
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        targets = torch.tensor(objects, dtype=torch.float32).reshape(-1, 5)
        targets[:, :4] *= scale
        if torch.rand(()) < self.flip:
            image = image[:, ::-1]
            targets[:, 0] = size[0] - targets[:, 0] - targets[:, 2]
        return torch.from_numpy(numpy.ascontiguousarray(image.transpose(2, 0, 1))), targets

    @staticmethod
    def collate(samples):
        import torch
        images = [image for image, _ in samples]
        sides = [-(-max(image.shape[side] for image in images) // 32) * 32 for side in (1, 2)]
        batch = torch.zeros((len(images), 3, *sides), dtype=torch.uint8)
        for row, image in zip(batch, images):
            row[:, :image.shape[1], :image.shape[2]] = image
        return batch, [targets for _, targets in samples]


class P2:
    collate = None

    def __init__(self, images, annotations, flip):
        self.paths = sorted(pathlib.Path(images).iterdir())
        self.flip = flip

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        import cv2
        import math
        import numpy
        import random
        import torch
        from PIL import Image
        image = cv2.imread(str(self.paths[index]))
        height, width = image.shape[:2]
        x, y, w, h = 0, 0, width, height
        for _ in range(10):
            area = height * width * random.uniform(0.2, 1.0)
            ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if w <= width and h <= height:
                x, y = random.randint(0, width - w), random.randint(0, height - h)
                break
        part = Image.fromarray(image[y:y + h, x:x + w]).resize((224, 224), Image.Resampling.BICUBIC)
        image = numpy.asarray(part)
        if random.random() < self.flip:
            image = image[:, ::-1]
        return torch.from_numpy(numpy.ascontiguousarray(image.transpose(2, 0, 1)))


WORKLOADS = {"P1": P1, "P2": P2}


def torch_loader(name, images, annotations, shuffle=True, flip=0.5):
    import cv2
    import torch
    cv2.setNumThreads(0)
    dataset = WORKLOADS[name](images, annotations, flip)
    return torch.utils.data.DataLoader(dataset, batch_size=2 if name == "P1" else 64, shuffle=shuffle, num_workers=2,
                                       persistent_workers=True, collate_fn=dataset.collate)


def images_per_second(loader, count, seconds):
    """Of epochs one after the other, after a second and a whole batch."""
    start, images = None, 0
    begin = time.perf_counter()
    while True:
        for batch in loader:
            if start is not None:
                images += count(batch)
                if time.perf_counter() - start >= seconds:
                    return images / (time.perf_counter() - start)
            elif time.perf_counter() - begin > 1:
                start = time.perf_counter()


def one(arm, name, images, annotations, config, seconds):
    if arm == "torch":
        loader = torch_loader(name, images, annotations)
        print(images_per_second(loader, lambda batch: len(batch[0]) if name == "P1" else len(batch), seconds))
    else:
        import pinfeed
        with pinfeed.Loader(config, threads=2) as loader:
            print(images_per_second(loader, lambda batch: len(batch["inputs"]), seconds))


def check_pixels(images, annotations, config):
    import numpy
    import pinfeed
    reference = iter(torch_loader("P1", images, annotations, shuffle=False, flip=0.0))
    with pinfeed.Loader(config, threads=2) as loader:
        for (ours, _) in zip(loader, range(8)):
            theirs = next(reference)[0].numpy()
            if not numpy.array_equal(numpy.from_dlpack(ours["inputs"]), theirs):
                sys.exit("error: the pixels of P1 differ")


def write_configs(folder, arguments):
    prefix = str(arguments.images) + "/"
    for name, text in CONFIGS.items():
        for kind, shuffle, flip, cache in (("pinfeed", True, 0.5, ""), ("still", False, 0.0, ""),
                                           ("cache", True, 0.5, f"pinfeed = dict(cache={str(folder / 'cache')!r})\n")):
            text_of = text.format(images=prefix, annotations=str(arguments.annotations), shuffle=shuffle, flip=flip)
            (folder / f"{name}_{kind}.py").write_text(text_of + cache)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("annotations", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--one", nargs=3, metavar=("ARM", "NAME", "CONFIG"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(*arguments.one[:2], arguments.images, arguments.annotations, arguments.one[2], arguments.seconds)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_configs(folder, arguments)
        check_pixels(arguments.images, arguments.annotations, folder / "P1_still.py")
        for workload in CONFIGS:
            rates = {"torch": [], "pinfeed": [], "cache": []}
            for _ in range(arguments.rounds):
                for arm, values in rates.items():
                    command = [sys.executable, __file__, arguments.images, arguments.annotations, "--seconds", arguments.seconds,
                               "--one", arm, workload, folder / f"{workload}_{arm}.py"]
                    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
                    values.append(float(done.stdout))
            for arm, values in rates.items():
                ratio = statistics.median(value / other for value, other in zip(values, rates["torch"]))
                print(f"{workload} {arm}: {statistics.median(values):.0f} images/s, {ratio:.2f} of DataLoader", flush=True)


if __name__ == "__main__":
    main()
