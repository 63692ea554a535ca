#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the records of tests/formats/event_file_test.cpp as tensorboard writes them (pip install tensorboard)."""
import io

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString())
    return out.getvalue().hex()


Value = summary_pb2.Summary.Value
TEXT = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
tensor = tensor_pb2.TensorProto(
    dtype=types_pb2.DT_STRING, string_val=[b"a = 1"],
    tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]))
image = summary_pb2.Summary.Image(height=2, width=3, colorspace=3, encoded_image_string=b"PNG")
print("VERSION", record(event_pb2.Event(wall_time=1.5, file_version="brain.Event:2")))
for name, time, step, values in [
        ("SCALARS", 2.5, 300, [Value(tag="loss", simple_value=0.25), Value(tag="lr", simple_value=1e-4)]),
        ("TEXT", 3.5, 0, [Value(tag="config", metadata=TEXT, tensor=tensor)]),
        ("IMAGE", 4.5, 7, [Value(tag="view", image=image)])]:
    print(name, record(event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=values))))
