// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/data/bound.h"
#include "pinfeed/data/tree_node.h"

namespace pinfeed {

/// The part of a batch slot that an image is rendered into.
struct ImageSlot {
  image::ImageExpr image = {};
  std::size_t sample = 0;  // index in the batch
  std::size_t offset = 0;  // bytes from the slot's start
  std::ptrdiff_t row_bytes = 0;
  Size valid = {};  // size before the collate function padded the image
};

/// Bytes that are copied into the slot, for everything but images.
struct Piece {
  const std::byte* from = nullptr;  // in the arena
  std::size_t bytes = 0;
  std::size_t offset = 0;
};

/// The layout of a batch, computed before a pixel exists: the tree that the consumer gets, and the
/// offset of each leaf in the slot. Tensors of `batch` without a buffer are in the slot, at their
/// offset.
class Layout {
 public:
  explicit Layout(Arena& arena) : arena_(&arena), images_(&arena), pieces_(&arena) {}

  /// Adds one image: a tensor (C, H, W) over H x W x C bytes.
  Tensor place(const image::ImageExpr& image, std::size_t sample);
  /// Adds images of one size and dtype, stacked: (N, C, H, W) over N x H x W x C bytes. `first` is
  /// the index of the first sample. Throws Error(data) naming the first sample that differs.
  Tensor stack(std::span<const image::ImageExpr> images, std::size_t first = 0);
  /// The same for images of one dtype and any size. Image i is padded at the right and the bottom
  /// to `size`, with values[i].
  Tensor stack_padded(std::span<const image::ImageExpr> images, Size size,
                      std::span<const double> values, std::size_t first = 0);
  /// Adds a row-major copy of a tensor.
  Tensor place(const Tensor& tensor);
  /// Adds tensors of one shape, stacked on a new first axis and promoted to a common dtype. `first`
  /// is the index of the first sample. Throws Error(data) naming the first sample that differs.
  Tensor stack(std::span<const Tensor> tensors, std::size_t first = 0);

  Arena& arena() const { return *arena_; }
  std::size_t bytes() const { return bytes_; }
  const std::pmr::vector<ImageSlot>& images() const { return images_; }
  const std::pmr::vector<Piece>& pieces() const { return pieces_; }

  TreeNode batch = {};

 private:
  std::size_t reserve(std::size_t bytes);
  void copy_to(const Tensor& tensor, std::size_t offset);

  Arena* arena_;
  std::pmr::vector<ImageSlot> images_;
  std::pmr::vector<Piece> pieces_;
  std::size_t bytes_ = 0;
};

/// The result of torch's type promotion: float32 and int64 give float32.
DType promoted(DType a, DType b);

/// Computes the layout of a batch from its packed samples. A value; safe to call from any thread.
struct Collate {
  std::string name = {};
  std::function<Layout(std::span<const TreeNode>, Arena&)> layout = {};
  /// The bound of the padded images of a batch; empty if images are not padded.
  std::function<ImageBound(const ImageBound&)> padded = {};
};

/// Points the tensors of the tree that have no buffer to the slot.
void attach_storage(TreeNode& item, const Buffer& slot);
/// The same for the whole batch; also copies everything but images into the slot.
void finalize_layout(Layout& layout, const Buffer& slot);

}  // namespace pinfeed
