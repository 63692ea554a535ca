// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 1.1, 1.2.
#include "pinfeed/data/collate.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/data/tensor_element.h"
#include "pinfeed/memory/stream_copy.h"

namespace pinfeed {
namespace {

constexpr std::size_t line = 64;  // bytes; leaves begin on a cache line

std::size_t pixel_bytes(const image::Picture& picture) {
  return static_cast<std::size_t>(picture.channels()) * size_of(picture.dtype());
}

std::size_t picture_bytes(const image::Picture& picture, Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) *
         pixel_bytes(picture);
}

std::ptrdiff_t row_bytes(const image::Picture& picture, Size size) {
  return static_cast<std::ptrdiff_t>(pixel_bytes(picture)) * size.width;
}

std::string sample_name(std::size_t i) { return "sample " + std::to_string(i); }

Error different_pictures(const image::Picture& one, std::size_t i, const image::Picture& other,
                         std::size_t k) {
  const std::string what =
      other.dtype() == one.dtype() ? to_string(other.size()) : name_of(other.dtype());
  const std::string where =
      other.dtype() == one.dtype() ? to_string(one.size()) : name_of(one.dtype());
  return Error(ErrorKind::data, "cannot stack the pictures: " + sample_name(k) + " is " + what +
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
    const auto place = static_cast<std::size_t>(i);
    write_number(dtype, read_number(tensor.dtype, flat.data() + place * size_of(tensor.dtype)),
                 made.data() + place * size_of(dtype));
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

Tensor Layout::place(const image::Picture& picture, std::size_t sample) {
  const Size size = picture.size();
  const std::size_t offset = reserve(picture_bytes(picture, size));
  pictures_.push_back({picture, sample, offset, row_bytes(picture, size), size});
  const std::int64_t channels = picture.channels();
  return {picture.dtype(),
          {channels, size.height, size.width},
          {1, channels * size.width, channels},
          {},
          offset};
}

Tensor Layout::stack(std::span<const image::Picture> pictures, std::size_t first) {
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    if (pictures[i].size() == pictures[0].size()) continue;
    throw different_pictures(pictures[0], first, pictures[i], first + i);
  }
  return stack_padded(pictures, pictures[0].size(), {}, first);
}

Tensor Layout::stack_padded(std::span<const image::Picture> pictures, Size size,
                            std::span<const double> values, std::size_t first) {
  const std::size_t bytes = picture_bytes(pictures[0], size);
  const std::size_t offset = reserve(bytes * pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].dtype() != pictures[0].dtype()) {
      throw different_pictures(pictures[0], first, pictures[i], first + i);
    }
    const double value = values.empty() ? 0.0 : values[i];
    const image::Picture padded = image::padded(pictures[i], size, {value, value, value});
    pictures_.push_back(
        {padded, first + i, offset + i * bytes, row_bytes(padded, size), pictures[i].size()});
  }
  const std::int64_t channels = pictures[0].channels();
  const std::int64_t row = channels * size.width;
  return {pictures[0].dtype(),
          {static_cast<std::int64_t>(pictures.size()), channels, size.height, size.width},
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

// The dtypes are declared in the order in which torch promotes them; the two half floats meet in
// float32.
DType promoted(DType a, DType b) {
  const bool halves = std::min(a, b) == DType::float16 && std::max(a, b) == DType::bfloat16;
  return halves ? DType::float32 : std::max(a, b);
}

namespace {

void bind_all(Items& items, const Buffer& seat) {
  for (Item& item : items) bind(item, seat);
}

}  // namespace

void bind(Item& item, const Buffer& seat) {
  if (auto* tensor = item.as<Tensor>()) {
    if (tensor->buffer.empty()) tensor->buffer = seat;
  }
  if (auto* list = item.as<ListItem>()) bind_all(list->items, seat);
  if (auto* tuple = item.as<TupleItem>()) bind_all(tuple->items, seat);
  if (auto* map = item.as<MapItem>()) bind_all(map->values, seat);
  if (auto* tuple = item.as<NamedTupleItem>()) bind_all(tuple->values, seat);
  if (auto* element = item.as<ElementItem>()) bind_all(element->values, seat);
  if (auto* container = item.as<DataContainerItem>()) bind_all(container->data, seat);
}

void settle(Layout& layout, const Buffer& seat) {
  bind(layout.batch, seat);
  constexpr std::size_t beyond_the_caches = std::size_t{4} << 20U;
  const bool large = layout.bytes() > beyond_the_caches;
  for (const Piece& piece : layout.pieces()) {
    std::byte* to = seat.data() + piece.offset;
    if (large) {
      stream_copy(to, piece.from, piece.bytes);
    } else {
      std::memcpy(to, piece.from, piece.bytes);
    }
  }
}

}  // namespace pinfeed
