// SPDX-License-Identifier: Apache-2.0
// The menu of collates. Each: a struct of parameters, `describe`, `layout`, and its name in the
// list at the end. Source: specs data 1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Stacks pictures, tensors and numbers; walks through containers; leaves strings and data samples
/// as they are. Pictures must all have one size.
struct DefaultCollate {
  static constexpr auto name = "default_collate";

  std::optional<std::int64_t> samples_per_gpu = {};  // of DataContainers; the batch when absent
};
void describe(Schema<DefaultCollate>& schema);
Layout layout(const DefaultCollate& params, std::span<const Item> samples, Arena& arena);

/// Turns a batch of containers into containers of batches, and stacks nothing.
struct PseudoCollate {
  static constexpr auto name = "pseudo_collate";
};
void describe(Schema<PseudoCollate>& schema);
Layout layout(const PseudoCollate& params, std::span<const Item> samples, Arena& arena);

/// pseudo_collate for everything but the pictures: these are padded at the right and the bottom to
/// the batch's largest, and stacked. 'valid_shapes' (n, 2) holds each one's own (h, w).
struct PadCollate {
  static constexpr auto name = "pad_collate";

  int size_divisor = 1;    // both sides become multiples of it
  double pad_value = 0.0;  // in pixels; the preprocessor writes its own over it
};
void describe(Schema<PadCollate>& schema);
Layout layout(const PadCollate& params, std::span<const Item> samples, Arena& arena);
PictureBound padded(const PadCollate& params, const PictureBound& pictures);

/// default_collate as mmcv 1.x has it: DataContainers come in groups of samples_per_gpu, which is
/// one sample when it is absent.
struct GroupCollate {
  static constexpr auto name = "collate";

  std::int64_t samples_per_gpu = 1;
};
void describe(Schema<GroupCollate>& schema);
Layout layout(const GroupCollate& params, std::span<const Item> samples, Arena& arena);

/// All boxes of the batch in one float32 tensor of rows (sample, label, x1, y1, x2, y2), as
/// YOLOv5's heads want them.
struct Yolov5Collate {
  static constexpr auto name = "yolov5_collate";

  bool use_ms_training = false;  // a list of pictures, for a preprocessor that resizes the batch
};
void describe(Schema<Yolov5Collate>& schema);
Layout layout(const Yolov5Collate& params, std::span<const Item> samples, Arena& arena);

/// pad_collate whose data samples are packed: the boxes of all samples are one tensor, and
/// 'offsets' (n + 1) says where each sample's begin. All of them lie behind the pictures.
struct PackCollate : PadCollate {
  static constexpr auto name = "pack_collate";
};
void describe(Schema<PackCollate>& schema);
Layout layout(const PackCollate& params, std::span<const Item> samples, Arena& arena);

using BuiltinCollates =
    std::tuple<DefaultCollate, PseudoCollate, GroupCollate, Yolov5Collate, PadCollate, PackCollate>;

}  // namespace pinfeed
