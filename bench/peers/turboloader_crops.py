# SPDX-License-Identifier: Apache-2.0
"""Random resized crops of 224, flip, batch 64: TurboLoader (pip install turboloader), and pinfeed without and with a filled cache, in turn.

usage: turboloader_crops.py IMAGES PINFEED [ROUNDS] [COPIES]

IMAGES is a folder of JPEGs, of which both get COPIES copies (8). TurboLoader reads them from a tar file and gives float32 normalised
with train_aug=True, pinfeed uint8 of Pillow's bicubic filter. Prints medians of images/s and CPU-ms per image; of each time that of a run
with one batch is subtracted, which is the start of the program.
"""
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

THREADS = 2
BATCH = 64


def turboloader_epoch(tar, batches):
    import turboloader

    loader = turboloader.DataLoader(tar, batch_size=BATCH, num_workers=THREADS, shuffle=True, image_size=224,
                                    output_format="numpy_chw", train_aug=True)
    for number, _ in enumerate(loader):
        if number + 1 == batches:
            break


def cpu_and_clock(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def config(folder, cache):
    keys = f", cache={cache!r}, cache_mode='read'" if cache else ""
    return f"""default_scope = 'mmpretrain'
pinfeed = dict(threads={THREADS}{keys})
train_dataloader = dict(batch_size={BATCH}, num_workers=2, sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'), dataset=dict(type='CustomDataset', data_root={folder + '/'!r}, data_prefix='images/',
    pipeline=[dict(type='LoadImageFromFile'), dict(type='RandomResizedCrop', scale=224, crop_ratio_range=(0.2, 1.0), backend='pillow',
              interpolation='bicubic'), dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]))
"""


def prepare(images, copies, folder):
    os.makedirs(folder + "/images/one_class")
    names = sorted(name for name in os.listdir(images) if name.endswith(".jpg"))
    with tarfile.open(folder + "/images.tar", "w") as tar:
        for copy in range(copies):
            for name in names:
                os.symlink(os.path.abspath(os.path.join(images, name)), f"{folder}/images/one_class/{copy}_{name}")
                tar.add(os.path.join(images, name), f"{copy}_{name}")
    for name, cache in (("plain", ""), ("cached", folder + "/cache")):
        with open(f"{folder}/{name}.py", "w") as file:
            file.write(config(folder, cache))
    return len(names) * copies


def main():
    images, pinfeed = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as folder:
        batches = prepare(images, int(sys.argv[4]) if len(sys.argv) > 4 else 8, folder) // BATCH
        subprocess.run([pinfeed, "cache", folder + "/plain.py", "--dir", folder + "/cache"], check=True)
        arms = {
            "TurboLoader, float32": [sys.executable, __file__, "--epoch", folder + "/images.tar"],
            "pinfeed, uint8": [pinfeed, "batches", folder + "/plain.py", "--limit"],
            "pinfeed, uint8, cache": [pinfeed, "batches", folder + "/cached.py", "--limit"],
        }
        times = {name: [] for name in arms}
        for _ in range(rounds):
            for name, command in arms.items():
                cpu, clock = cpu_and_clock(command + [str(batches)])
                start_cpu, start_clock = cpu_and_clock(command + ["1"])
                images_measured = (batches - 1) * BATCH
                times[name].append((images_measured / (clock - start_clock), 1e3 * (cpu - start_cpu) / images_measured))
        for name, values in times.items():
            speed, cpu = (statistics.median(column) for column in zip(*values))
            print(f"{name}: {speed:.0f} images/s, {cpu:.2f} CPU-ms per image")


if __name__ == "__main__":
    if sys.argv[1] == "--epoch":
        turboloader_epoch(sys.argv[2], int(sys.argv[3]))
    else:
        main()
