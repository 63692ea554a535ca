// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.17. The order of operations is upstream's:
// float32, minus mean, divided by std, each rounded to float32.
#include "pinfeed/train/input/preprocessor.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/core/round_up.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/models/torch_parallel.h"
#include "pinfeed/models/torch_tensor.h"

namespace pinfeed {
namespace {

// One (C, H, W) image of a batch.
struct Source {
  const std::byte* data = nullptr;
  DType dtype = DType::uint8;
  Shape shape = {};
  Shape strides = {};
};

// How one channel of the result is computed.
struct Channel {
  std::int64_t from = 0;  // channel of the source
  bool normalise = false;
  float mean = 0.0F;
  float std = 1.0F;

  float operator()(float value) const { return normalise ? (value - mean) / std : value; }
};

Source image(const Tensor& tensor) {
  return {tensor.data(), tensor.dtype, tensor.shape, tensor.strides};
}

Error unfit(const Tensor& tensor) {
  return Error(
      ErrorKind::data,
      fmt::format("the preprocessor takes images (N, C, H, W) or a list of (C, H, W), uint8 or "
                  "float32, not {} {}",
                  name_of(tensor.dtype), to_string(tensor.shape)));
}

std::vector<Source> sources(std::span<const Tensor> images) {
  std::vector<Source> found;
  const bool stacked = images.size() == 1 && images[0].shape.rank() == 4;
  for (const Tensor& tensor : images) {
    const bool readable = tensor.dtype == DType::uint8 || tensor.dtype == DType::float32;
    if (!readable || tensor.shape.rank() != (stacked ? 4 : 3)) throw unfit(tensor);
    if (!stacked) found.push_back(image(tensor));
  }
  for (std::int64_t i = 0; stacked && i < images[0].shape[0]; ++i) {
    found.push_back(image(select(images[0], i)));
  }
  return found;
}

std::int64_t channels_of(const std::vector<Source>& found) {
  const std::int64_t channels = found.empty() ? 3 : found[0].shape[0];
  for (const Source& source : found) {
    if (source.shape[0] == channels) continue;
    throw Error(ErrorKind::data, fmt::format("the images of a batch have {} and {} channels",
                                             channels, source.shape[0]));
  }
  return channels;
}

std::vector<Channel> plan(const Preprocessing& preprocessing, std::int64_t channels) {
  const auto count = static_cast<std::int64_t>(preprocessing.mean.size());
  const bool fits = count <= 1 || count == channels;
  if (!fits || (preprocessing.reverse_channels && channels != 3)) {
    throw Error(ErrorKind::data,
                fmt::format("images have {} channels; the preprocessor needs 3", channels));
  }
  std::vector<Channel> plans(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < plans.size(); ++c) {
    Channel& plan = plans[c];
    const auto position = static_cast<std::int64_t>(c);
    plan.from = preprocessing.reverse_channels ? channels - 1 - position : position;
    plan.normalise = count > 0;
    if (plan.normalise) plan.mean = preprocessing.mean[count == 1 ? 0 : c];
    if (plan.normalise) plan.std = preprocessing.std[count == 1 ? 0 : c];
  }
  return plans;
}

void write_row(const Source& source, std::int64_t y, const Channel& channel, float* to) {
  const std::int64_t width = source.shape[2];
  const std::int64_t step = source.strides[2];
  const std::int64_t first = channel.from * source.strides[0] + y * source.strides[1];
  if (source.dtype == DType::uint8) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(source.data) + first;
    for (std::int64_t x = 0; x < width; ++x) to[x] = channel(from[x * step]);
    return;
  }
  const auto* from = reinterpret_cast<const float*>(source.data) + first;
  for (std::int64_t x = 0; x < width; ++x) to[x] = channel(from[x * step]);
}

// True for images as the loader renders them: uint8, interleaved channels, rows a whole number of
// pixels apart.
bool is_interleaved(const Source& source) {
  const std::int64_t channels = source.shape[0];
  return source.dtype == DType::uint8 && channels <= 4 && source.strides[0] == 1 &&
         source.strides[2] == channels && source.strides[1] >= channels * source.shape[2] &&
         source.strides[1] % channels == 0;
}

PixelBatch pixels_of(const Source& source) {
  const std::int64_t channels = source.shape[0];
  return {reinterpret_cast<const std::uint8_t*>(source.data), 1, source.shape[1],
          source.strides[1] / channels, channels};
}

ValidSize valid_size(const Source& source) {
  return {static_cast<std::int32_t>(source.shape[2]), static_cast<std::int32_t>(source.shape[1])};
}

PixelRule pixel_rule(const Preprocessing& preprocessing, const std::vector<Channel>& channels) {
  PixelRule rule{.reverse_channels = preprocessing.reverse_channels,
                 .pad_value = preprocessing.pad_value};
  for (std::size_t c = 0; c < std::min(channels.size(), rule.mean.size()); ++c) {
    rule.normalize = channels[c].normalise;
    rule.mean[c] = channels[c].mean;
    rule.std[c] = channels[c].std;
  }
  return rule;
}

// Rows `first` to `last` - 1 of one image of the result, its padding included.
void fill_rows(const Source& source, const std::vector<Channel>& channels, const PixelRule& rule,
               const FloatBatch& to, std::int64_t first, std::int64_t last) {
  if (is_interleaved(source)) {
    const ValidSize valid = valid_size(source);
    PixelBatch from = pixels_of(source);
    from.valid = &valid;
    return normalize_pixels(from, rule, to, first, last);
  }
  for (std::int64_t y = first; y < last; ++y) {
    const bool inside = y < source.shape[1];
    for (std::size_t c = 0; c < channels.size(); ++c) {
      float* row = static_cast<float*>(to.values) +
                   (static_cast<std::int64_t>(c) * to.height + y) * to.width;
      if (inside) write_row(source, y, channels[c], row);
      std::fill(row + (inside ? source.shape[2] : 0), row + to.width, rule.pad_value);
    }
  }
}

// Of the result: N, C, H, W.
Shape padded_shape(const std::vector<Source>& found, const Preprocessing& preprocessing) {
  const std::int64_t divisor = preprocessing.pad_size_divisor;
  Shape shape{std::ssize(found), channels_of(found), 0, 0};
  for (const Source& source : found) {
    shape[2] = std::max(shape[2], rounded_up(source.shape[1], divisor));
    shape[3] = std::max(shape[3], rounded_up(source.shape[2], divisor));
  }
  if (preprocessing.smallest) {
    shape[2] = std::max<std::int64_t>(shape[2], preprocessing.smallest->height);
    shape[3] = std::max<std::int64_t>(shape[3], preprocessing.smallest->width);
  }
  return shape;
}

at::Tensor on_host(const Preprocessing& preprocessing, const std::vector<Source>& found) {
  const Shape shape = padded_shape(found, preprocessing);
  const std::int64_t count = shape[0];
  const std::int64_t depth = shape[1];
  const std::int64_t height = shape[2];
  const std::int64_t width = shape[3];
  const std::vector<Channel> channels = plan(preprocessing, depth);
  at::Tensor result = at::empty({count, depth, height, width}, at::kFloat);
  auto* pixels = result.data_ptr<float>();
  const PixelRule rule = pixel_rule(preprocessing, channels);
  in_parallel(count * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end;) {
      const std::int64_t image = row / height;
      const std::int64_t last = std::min(end, (image + 1) * height);
      const FloatBatch to{pixels + image * depth * height * width, DType::float32, false, height,
                          width};
      fill_rows(found[static_cast<std::size_t>(image)], channels, rule, to, row - image * height,
                last - image * height);
      row = last;
    }
  });
  return result;
}

// True for floats that need no preprocessing.
bool untouched(const Preprocessing& preprocessing, std::span<const Tensor> images) {
  if (images.size() != 1 || images[0].dtype != DType::float32 || images[0].shape.rank() != 4)
    return false;
  return preprocessing.mean.empty() && !preprocessing.reverse_channels &&
         padded_shape(sources(images), preprocessing) == images[0].shape;
}

// Images at equal distances in memory, as in a stacked batch, are one part.
std::vector<PixelBatch> parts_of(const std::vector<Source>& found) {
  std::vector<PixelBatch> parts;
  for (const Source& source : found) parts.push_back(pixels_of(source));
  if (parts.size() < 2) return parts;
  const std::int64_t row = parts[0].width * parts[0].channels;
  const std::ptrdiff_t step = parts[1].pixels - parts[0].pixels;
  if (step <= 0 || step % row != 0) return parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool in_step =
        parts[i].pixels - parts[0].pixels == static_cast<std::ptrdiff_t>(i) * step &&
        parts[i].width == parts[0].width && parts[i].height <= step / row;
    if (!in_step) return parts;
  }
  parts[0].count = std::ssize(parts);
  parts[0].height = step / row;
  parts.resize(1);
  return parts;
}

}  // namespace

// As upstream, a batch that BatchFixedSizePad enlarges has the fixed size as that of each image.
BatchPadding padding_of(const Preprocessing& preprocessing, std::span<const Tensor> images) {
  const std::vector<Source> found = sources(images);
  const Shape shape = padded_shape(found, preprocessing);
  Preprocessing plain = preprocessing;
  plain.smallest.reset();
  const bool enlarged = padded_shape(found, plain) != shape;
  BatchPadding padding{.batch = {static_cast<int>(shape[3]), static_cast<int>(shape[2])},
                       .mask_pad_value = preprocessing.mask_pad_value};
  for (const Source& source : found) {
    const Size own = {
        static_cast<int>(rounded_up(source.shape[2], preprocessing.pad_size_divisor)),
        static_cast<int>(rounded_up(source.shape[1], preprocessing.pad_size_divisor))};
    padding.images.push_back(enlarged ? *preprocessing.smallest : own);
  }
  return padding;
}

std::optional<KernelPlan> kernel_plan(const Preprocessing& preprocessing,
                                      std::span<const Tensor> images) {
  const std::vector<Source> found = sources(images);
  if (found.empty() || !std::all_of(found.begin(), found.end(), is_interleaved)) return {};
  KernelPlan result{.shape = padded_shape(found, preprocessing), .parts = parts_of(found)};
  result.rule = pixel_rule(preprocessing, plan(preprocessing, result.shape[1]));
  for (const Source& source : found) result.valid.push_back(valid_size(source));
  return result;
}

at::Tensor preprocessed(const Preprocessing& preprocessing, std::span<const Tensor> images,
                        at::Device device, std::shared_ptr<void> owner) {
  const std::vector<Source> found = sources(images);
  const bool ready = untouched(preprocessing, images);
  const at::Tensor pixels =
      ready ? to_torch(images[0], std::move(owner)) : on_host(preprocessing, found);
  return pixels.to(device);  // one copy, after which the slot is free
}

}  // namespace pinfeed
