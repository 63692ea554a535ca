// SPDX-License-Identifier: Apache-2.0
// The digest of a batch: equal digests mean that two runs give the model the same data.
//
// It is computed sample by sample: first the images, then the tree that the pipeline packed (boxes,
// labels, masks, metainfo) with types, shapes and keys, so that two trees with the same bytes and
// another structure differ. Pixels are hashed where they were rendered, in the batch slot.
//
// Why it does not depend on the layout: only the valid part of an image is hashed, without row
// strides and padding, in the order channel, row, column; and the tree is hashed as it was before
// collating. Listed, stacked, padded and packed batches of the same samples therefore have the same
// digest. img_path is hashed as the annotation file states it, so that data may be moved. Threads
// and SIMD levels cannot matter, because the order of hashing is that of the batch and rendering
// gives the same bytes with each of them.
#include "pinfeed/inspect/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "pinfeed/data/collate.h"
#include "pinfeed/image/color/tone_kernels.h"

namespace pinfeed {
namespace {

class DigestHash {
 public:
  DigestHash() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

  void bytes(const void* data, std::size_t size) { XXH3_128bits_update(state_.get(), data, size); }
  void text(std::string_view text) {
    number(text.size());
    bytes(text.data(), text.size());
  }
  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes(&value, sizeof value);
  }
  std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

void add_shape(DigestHash& hash, DType dtype, const Shape& shape) {
  hash.text(name_of(dtype));
  for (const std::int64_t size : shape) hash.number(size);
}

void add_tensor(DigestHash& hash, const Tensor& tensor) {
  add_shape(hash, tensor.dtype, tensor.shape);
  const Tensor row_major = contiguous(tensor);
  hash.bytes(row_major.data(), row_major.bytes());
}

// Hashes an image of three uint8 channels as planes.
void add_planes(DigestHash& hash, const std::byte* first, std::ptrdiff_t row_bytes, Size size) {
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t plane = width * static_cast<std::size_t>(size.height);
  std::vector<std::uint8_t> planes(3 * plane);
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* to = planes.data() + width * static_cast<std::size_t>(y);
    const auto* row = reinterpret_cast<const std::uint8_t*>(first + y * row_bytes);
    image::split_channels(row, {to, to + plane, to + 2 * plane}, width);
  }
  hash.bytes(planes.data(), planes.size());
}

// Hashes any other image, channel by channel.
void add_elements(DigestHash& hash, const std::byte* first, const ImageSlot& image_slot) {
  const std::size_t element = size_of(image_slot.image.dtype());
  const std::size_t pixel = element * static_cast<std::size_t>(image_slot.image.channels());
  std::vector<std::byte> row(element * static_cast<std::size_t>(image_slot.valid.width));
  for (std::size_t channel = 0; channel < pixel; channel += element) {
    for (int y = 0; y < image_slot.valid.height; ++y) {
      const std::byte* from = first + y * image_slot.row_bytes + channel;
      for (std::byte* to = row.data(); to != row.data() + row.size(); to += element, from += pixel)
        std::memcpy(to, from, element);
      hash.bytes(row.data(), row.size());
    }
  }
}

void add_pixels(DigestHash& hash, const ImageSlot& image_slot, const Buffer& slot) {
  const DType dtype = image_slot.image.dtype();
  const int channels = image_slot.image.channels();
  add_shape(hash, dtype, {channels, image_slot.valid.height, image_slot.valid.width});
  const std::byte* first = slot.data() + image_slot.offset;
  if (dtype == DType::uint8 && channels == 3)
    add_planes(hash, first, image_slot.row_bytes, image_slot.valid);
  else
    add_elements(hash, first, image_slot);
}

// Hashes the tree that a sample packed. Images are left out: their pixels are hashed before.
class PackedTreeHasher {
 public:
  PackedTreeHasher(DigestHash& hash, const Sample& sample) : hash_(&hash), sample_(&sample) {}

  void add(const TreeNode& node) const {
    hash_->number(node.value.index());
    std::visit([this](const auto& value) { leaf(value); }, node.value);
  }

 private:
  void leaf(const NoneNode&) const {}
  void leaf(bool value) const { hash_->number(value); }
  void leaf(std::int64_t value) const { hash_->number(value); }
  void leaf(double value) const { hash_->number(value); }
  void leaf(const Text& value) const {
    hash_->text(value == sample_->img_path ? sample_->file_name : std::string_view(value));
  }
  void leaf(const Tensor& value) const { add_tensor(*hash_, value); }
  void leaf(const image::ImageExpr&) const {}
  void leaf(const Masks& masks) const {
    if (!masks.polygons) return add_tensor(*hash_, pixels_of(masks));
    for (const image::Outline* outline : masks.outlines) {
      hash_->number(outline->polygons.size());
      for (const auto& part : outline->polygons) {
        hash_->number(part.size());
        hash_->bytes(part.data(), part.size_bytes());
      }
    }
  }
  void leaf(const ListNode& value) const { all(value.items); }
  void leaf(const TupleNode& value) const { all(value.items); }
  void leaf(const MapNode& value) const { named(value.keys, value.values); }
  void leaf(const NamedTupleNode& value) const { named(value.keys, value.values); }
  void leaf(const ElementNode& value) const { named(value.keys, value.values); }
  void leaf(const DataContainerNode& value) const { all(value.data); }
  void all(const TreeNodes& items) const {
    hash_->number(items.size());
    for (const TreeNode& item : items) add(item);
  }
  void named(const std::pmr::vector<Text>& keys, const TreeNodes& values) const {
    for (const Text& key : keys) hash_->text(key);
    all(values);
  }

  DigestHash* hash_;
  const Sample* sample_;
};

}  // namespace

std::string digest(const Batch& batch) {
  DigestHash hash;
  const auto samples = batch.samples();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (const ImageSlot& image_slot : batch.images()) {
      if (image_slot.sample == i) add_pixels(hash, image_slot, batch.bytes());
    }
    PackedTreeHasher(hash, samples[i]).add(samples[i].packed);
  }
  return hash.hex();
}

}  // namespace pinfeed
