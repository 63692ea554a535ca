# SPDX-License-Identifier: Apache-2.0
"""Detectors whose losses depend on the number of ranks, against mmdet with as many ranks: tools/golden_ranks.py."""
import array
import json
import pathlib
import struct

from runs import expect, relative_difference, tensors_of

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "ranks"


def metadata(path):
    with open(path, "rb") as file:
        return json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["__metadata__"]


def losses_of(runs, work_dir):
    """The logged numbers of each iteration, by name."""
    lines = next((runs.folder / work_dir).glob("*/vis_data/scalars.json")).read_text().splitlines()
    entries = sorted(map(json.loads, lines), key=lambda entry: entry["step"])
    return {name: [entry[name] for entry in entries] for name in entries[0]}


def scaled_difference(values, others):
    """The largest difference, of numbers above 1 relative to them."""
    return max(abs(a - b) / max(1.0, abs(b)) for a, b in zip(values, others, strict=True))


def mmdet(runs):
    """Two ranks with different batches have the losses and weights of mmdet under torchrun with the same batches."""
    for start in sorted(path for path in GOLDEN.glob("*.safetensors") if not path.stem.endswith("_trained")):
        name = start.stem
        text = metadata(start)["config"].replace("data_root=''", f"data_root='{GOLDEN}/'")
        config = runs.config(name, text + f"load_from = '{start}'\n")
        expect(runs, name, runs.start(config, name), [0, 0], "")
        trained = tensors_of(GOLDEN / f"{name}_trained.safetensors")
        found, difference = losses_of(runs, name), 0.0
        expected = {key[len("losses."):]: array.array("d", data) for key, data in trained.items()
                    if key.startswith("losses.")}
        for key, values in expected.items():
            means = [(first + second) / 2 for first, second in zip(values[::2], values[1::2])]
            runs.check(len(found[key]) == len(means) == 10, f"{name}: {len(found[key])} values of {key}")
            difference = max(difference, scaled_difference(found[key], means))
        weights = 0.0
        for step in (1, 10):
            prefix = f"{step}."
            golden = {key[len(prefix):]: array.array("f", data) for key, data in trained.items()
                      if key.startswith(prefix) and not key.endswith("num_batches_tracked")}
            saved = runs.numbers(runs.folder / name / f"iter_{step}.safetensors")
            weights = max(weights, relative_difference(golden, saved))
        print(f"{name}: losses differ by {difference:.1e}, weights by {weights:.1e} from those of mmdet", flush=True)
        runs.check(difference <= 1e-5 and weights <= 1e-5, f"{name}: not as mmdet")
        runs.check(max(abs(first - second) for first, second in zip(expected["loss"][::2], expected["loss"][1::2])) > 0.01,
                   f"{name}: the ranks have the same batches")
    alone = runs.alone(runs.config("alone", text.replace("batch_size=2", "batch_size=4") + f"load_from = '{start}'\n"), "alone")
    runs.check(alone.returncode == 0, f"one process: {alone.stderr[-800:]}")
    difference = scaled_difference(losses_of(runs, "alone")["loss"], found["loss"])
    runs.check(difference > 1e-3, f"one process has the losses of two: they differ by {difference:.1e}")
