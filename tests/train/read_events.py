#!/usr/bin/env python3
"""read_events.py FOLDER: what the tensorboard package reads from the event files of a folder, as JSON. Exits with
77 without the package."""
import json
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)

events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'images': 0, 'tensors': 0})
events.Reload()
tags = events.Tags()
print(json.dumps({
    'scalars': {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags['scalars']},
    'images': {tag: [[e.width, e.height] for e in events.Images(tag)] for tag in tags['images']},
    'texts': {tag: events.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in tags['tensors']},
}))
