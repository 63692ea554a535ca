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

/// Where an image is rendered to, inside the slot.
struct ImageSlot {
  image::ImageExpr image = {};
  std::size_t sample = 0;  // its place in the batch
  std::size_t offset = 0;  // bytes from the slot's start
  std::ptrdiff_t row_bytes = 0;
  Size valid = {};  // the part that is the sample's own; the collate padded the rest
};

/// Small bytes that are copied into the slot.
struct Piece {
  const std::byte* from = nullptr;  // in the arena
  std::size_t bytes = 0;
  std::size_t offset = 0;
};

/// The layout of a batch, made before a pixel exists: the tree that the consumer will see, and
/// where each leaf goes. Tensors of `batch` without a buffer lie in the slot, at their offset.
class Layout {
 public:
  explicit Layout(Arena& arena) : arena_(&arena), images_(&arena), pieces_(&arena) {}

  /// Places an image by itself: a tensor (C, H, W) over H x W x C bytes.
  Tensor place(const image::ImageExpr& image, std::size_t sample);
  /// Places images of one size and dtype, stacked: (N, C, H, W) over N x H x W x C bytes. They
  /// are of the samples from `first` on. Throws Error(data) naming the first sample that differs.
  Tensor stack(std::span<const image::ImageExpr> images, std::size_t first = 0);
  /// The same for images of one dtype and any size: each is padded at the right and the bottom to
  /// `size`, with its own value.
  Tensor stack_padded(std::span<const image::ImageExpr> images, Size size,
                      std::span<const double> values, std::size_t first = 0);
  /// Places a copy of a tensor, row-major.
  Tensor place(const Tensor& tensor);
  /// Places tensors of one shape, stacked on a new first axis, promoted to a common dtype. They are
  /// of the samples from `first` on. Throws Error(data) naming the first sample that differs.
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

/// The dtype that torch promotes two dtypes to: float32 and int64 give float32.
DType promoted(DType a, DType b);

/// Turns the packed items of a batch into its layout. A value, safe from any thread.
struct Collate {
  std::string name = {};
  std::function<Layout(std::span<const TreeNode>, Arena&)> layout = {};
  /// The bound of the images of a batch once they are padded; empty where they stay as they are.
  std::function<ImageBound(const ImageBound&)> padded = {};
};

/// Gives the tensors of the tree that lie in the slot their bytes.
void attach_storage(TreeNode& item, const Buffer& slot);
/// The same for the whole batch, and copies what is no image into the slot.
void finalize_layout(Layout& layout, const Buffer& slot);

}  // namespace pinfeed
