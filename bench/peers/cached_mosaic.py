# SPDX-License-Identifier: Apache-2.0
"""RTMDet's CachedMosaic, RandomResize, RandomCrop, flip and Pad, batch 16, uint8: mmdet's loader and pinfeed's, turn by turn.

usage: cached_mosaic.py PEERS PINFEED [ROUNDS]

The data set has 128 images: pinfeed gets a memory_budget that is enough for about 45 decoded ones, so that
it cannot keep all of them, as on a data set of a real size.

PEERS is the folder of the other loaders' arms, whose setup.sh has built $PEERS_VENV and $PEERS_WORK.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

STEPS = """dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True),
    dict(type='CachedMosaic', img_scale=(640, 640), pad_val=114.0),
    dict(type='RandomResize', scale=(1280, 1280), ratio_range=(0.1, 2.0), keep_ratio=True),
    dict(type='RandomCrop', crop_size=(640, 640)), dict(type='RandomFlip', prob=0.5),
    dict(type='Pad', size=(640, 640), pad_val=dict(img=(114, 114, 114))), dict(type='PackDetInputs')"""


def run_mmdet():
    sys.path.insert(0, os.environ["PEERS"])
    import common
    import cv2
    import stub_mmcv  # noqa: F401, before mmdet
    import mmdet.datasets  # noqa: F401
    from mmengine.registry import init_default_scope
    from mmengine.runner import Runner

    arguments = common.parse()
    cv2.setNumThreads(0)
    init_default_scope("mmdet")

    def make(a):
        classes = [c["name"] for c in json.load(open(a.ann))["categories"]]
        inner = dict(type="CocoDataset", ann_file=a.ann, data_prefix=dict(img=a.prefix + "/"), metainfo=dict(classes=classes),
                     filter_cfg=None, pipeline=eval(f"[{STEPS}]"))
        loader = Runner.build_dataloader(dict(
            batch_size=a.batch, num_workers=a.threads, persistent_workers=True, collate_fn=dict(type="pseudo_collate"),
            sampler=dict(type="DefaultSampler", shuffle=True), dataset=dict(type="RepeatDataset", times=40, dataset=inner)), seed=a.seed)
        while True:
            yield from loader

    common.drive("mmdet", make, lambda batch: len(batch["inputs"]), lambda batch: batch["inputs"], arguments)


def config(peers):
    annotations = os.path.join(os.environ.get("PEERS_WORK", "/tmp/peers-work"), "coco128.json")
    classes = tuple(c["name"] for c in json.load(open(annotations))["categories"])
    images = os.path.abspath(os.path.join(peers, "../data/coco128/train2017")) + "/"
    return f"""default_scope = 'mmdet'
pinfeed = dict(memory_budget={8 * 40 << 20})
train_dataloader = dict(batch_size=16, num_workers=2, sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'), dataset=dict(type='RepeatDataset', times=40, dataset=dict(type='CocoDataset',
    ann_file={annotations!r}, data_prefix=dict(img={images!r}), metainfo=dict(classes={classes}), filter_cfg=None, pipeline=[{STEPS}])))
"""


def last_json(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else sys.exit(done.stderr[-2000:])


def main():
    peers, pinfeed = map(os.path.abspath, sys.argv[1:3])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    python = os.path.join(os.environ.get("PEERS_VENV", "/tmp/peers-venv"), "torch/bin/python")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cached_mosaic.py")
        open(path, "w").write(config(peers))
        for _ in range(rounds):
            other = last_json([python, os.path.abspath(__file__), "--workload", "p3", "--out", "list", "--batch", "16"],
                              cwd=peers, env=dict(os.environ, PEERS=peers, PYTHONWARNINGS="ignore"))
            ours = last_json([pinfeed, "bench", path, "--threads", "2", "--seconds", "4", "--json"])
            ratios.append(ours["images_per_second"] / other["img_s"])
            print(f"mmdet {other['img_s']:.1f} images/s, {1e3 * other['cpu_s_img']:.2f} CPU-ms; "
                  f"pinfeed {ours['images_per_second']:.1f}, {1e3 * ours['cpu_seconds_per_image']:.2f}; {ratios[-1]:.2f}x")
    print(f"median {statistics.median(ratios):.2f}x")


if __name__ == "__main__":
    run_mmdet() if "PEERS" in os.environ and "--workload" in sys.argv else main()
