// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.1, 1.2.
#include "pinfeed/data/collate.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/stream_copy.h"
#include "pinfeed/data/tensor_element.h"

namespace pinfeed {
namespace {

constexpr std::size_t line = cache_line_bytes;  // each leaf begins on a cache line

std::size_t pixel_bytes(const image::ImageExpr& image) {
  return static_cast<std::size_t>(image.channels()) * size_of(image.dtype());
}

std::size_t image_bytes(const image::ImageExpr& image, Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) *
         pixel_bytes(image);
}

std::ptrdiff_t row_bytes(const image::ImageExpr& image, Size size) {
  return static_cast<std::ptrdiff_t>(pixel_bytes(image)) * size.width;
}

std::string sample_name(std::size_t i) { return "sample " + std::to_string(i); }

Error different_images(const image::ImageExpr& one, std::size_t i, const image::ImageExpr& other,
                       std::size_t k) {
  const std::string what =
      other.dtype() == one.dtype() ? to_string(other.size()) : name_of(other.dtype());
  const std::string where =
      other.dtype() == one.dtype() ? to_string(one.size()) : name_of(one.dtype());
  return Error(ErrorKind::data, "cannot stack the images: " + sample_name(k) + " is " + what +
                                    " where " + sample_name(i) + " is " + where)
      .help(
          "default_collate needs a pipeline that gives one size; pseudo_collate and pad_collate "
          "take any");
}

DType common_dtype(std::span<const Tensor> tensors) {
  DType dtype = tensors[0].dtype;
  for (const Tensor& tensor : tensors) dtype = promoted(dtype, tensor.dtype);
  return dtype;
}

void require_one_shape(std::span<const Tensor> tensors, std::size_t first) {
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    if (tensors[i].shape == tensors[0].shape) continue;
    throw Error(ErrorKind::data, "cannot stack the tensors: " + sample_name(first + i) +
                                     " has shape " + to_string(tensors[i].shape) + " where " +
                                     sample_name(first) + " has " + to_string(tensors[0].shape));
  }
}

Tensor converted(const Tensor& tensor, DType dtype, Arena& arena) {
  Tensor flat = arena_tensor(tensor.dtype, tensor.shape, arena);
  copy_contiguous(tensor, flat.data());
  if (tensor.dtype == dtype) return flat;
  Tensor made = arena_tensor(dtype, tensor.shape, arena);
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    write_number(dtype, read_number(tensor.dtype, flat.data() + index * size_of(tensor.dtype)),
                 made.data() + index * size_of(dtype));
  }
  return made;
}

Shape with_first_axis(std::size_t count, const Shape& shape) {
  Shape stacked = {static_cast<std::int64_t>(count)};
  for (const std::int64_t size : shape) stacked.push_back(size);
  return stacked;
}

}  // namespace

std::size_t Layout::reserve(std::size_t bytes) {
  const std::size_t offset = (bytes_ + line - 1) / line * line;
  bytes_ = offset + bytes;
  return offset;
}

Tensor Layout::place(const image::ImageExpr& image, std::size_t sample) {
  const Size size = image.size();
  const std::size_t offset = reserve(image_bytes(image, size));
  images_.push_back({image, sample, offset, row_bytes(image, size), size});
  const std::int64_t channels = image.channels();
  return {image.dtype(),
          {channels, size.height, size.width},
          {1, channels * size.width, channels},
          {},
          offset};
}

Tensor Layout::stack(std::span<const image::ImageExpr> images, std::size_t first) {
  for (std::size_t i = 1; i < images.size(); ++i) {
    if (images[i].size() == images[0].size()) continue;
    throw different_images(images[0], first, images[i], first + i);
  }
  return stack_padded(images, images[0].size(), {}, first);
}

Tensor Layout::stack_padded(std::span<const image::ImageExpr> images, Size size,
                            std::span<const double> values, std::size_t first) {
  const std::size_t bytes = image_bytes(images[0], size);
  const std::size_t offset = reserve(bytes * images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].dtype() != images[0].dtype()) {
      throw different_images(images[0], first, images[i], first + i);
    }
    const double value = values.empty() ? 0.0 : values[i];
    const image::ImageExpr padded = image::padded(images[i], size, {value, value, value});
    images_.push_back(
        {padded, first + i, offset + i * bytes, row_bytes(padded, size), images[i].size()});
  }
  const std::int64_t channels = images[0].channels();
  const std::int64_t row = channels * size.width;
  return {images[0].dtype(),
          {static_cast<std::int64_t>(images.size()), channels, size.height, size.width},
          {row * size.height, 1, row, channels},
          {},
          offset};
}

void Layout::copy_to(const Tensor& tensor, std::size_t offset) {
  if (tensor.bytes() == 0) return;
  const Tensor& row_major =
      tensor.is_contiguous() ? tensor : converted(tensor, tensor.dtype, *arena_);
  pieces_.push_back({row_major.data(), tensor.bytes(), offset});
}

Tensor Layout::place(const Tensor& tensor) {
  const std::size_t offset = reserve(tensor.bytes());
  copy_to(tensor, offset);
  return {tensor.dtype, tensor.shape, contiguous_strides(tensor.shape), {}, offset};
}

Tensor Layout::stack(std::span<const Tensor> tensors, std::size_t first) {
  require_one_shape(tensors, first);
  const DType dtype = common_dtype(tensors);
  const auto elements = static_cast<std::size_t>(tensors[0].elements());
  const std::size_t bytes = elements * size_of(dtype);
  const std::size_t offset = reserve(bytes * tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const bool same = tensors[i].dtype == dtype;
    copy_to(same ? tensors[i] : converted(tensors[i], dtype, *arena_), offset + i * bytes);
  }
  const Shape shape = with_first_axis(tensors.size(), tensors[0].shape);
  return {dtype, shape, contiguous_strides(shape), {}, offset};
}

// The dtypes are declared in the order of torch's promotion. The two 16-bit floats are promoted to
// float32.
DType promoted(DType a, DType b) {
  const bool halves = std::min(a, b) == DType::float16 && std::max(a, b) == DType::bfloat16;
  return halves ? DType::float32 : std::max(a, b);
}

namespace {

void attach_all(TreeNodes& items, const Buffer& slot) {
  for (TreeNode& item : items) attach_storage(item, slot);
}

}  // namespace

void attach_storage(TreeNode& item, const Buffer& slot) {
  if (auto* tensor = item.as<Tensor>()) {
    if (tensor->buffer.empty()) tensor->buffer = slot;
  }
  if (auto* list = item.as<ListNode>()) attach_all(list->items, slot);
  if (auto* tuple = item.as<TupleNode>()) attach_all(tuple->items, slot);
  if (auto* map = item.as<MapNode>()) attach_all(map->values, slot);
  if (auto* tuple = item.as<NamedTupleNode>()) attach_all(tuple->values, slot);
  if (auto* element = item.as<ElementNode>()) attach_all(element->values, slot);
  if (auto* container = item.as<DataContainerNode>()) attach_all(container->data, slot);
}

void finalize_layout(Layout& layout, const Buffer& slot) {
  attach_storage(layout.batch, slot);
  constexpr std::size_t beyond_the_caches = std::size_t{4} << 20U;
  const bool large = layout.bytes() > beyond_the_caches;
  for (const Piece& piece : layout.pieces()) {
    std::byte* to = slot.data() + piece.offset;
    if (large) {
      stream_copy(to, piece.from, piece.bytes);
    } else {
      std::memcpy(to, piece.from, piece.bytes);
    }
  }
}

}  // namespace pinfeed
