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

/// Where a picture is rendered to, inside the seat.
struct PicturePlace {
  image::Picture picture = {};
  std::size_t sample = 0;  // its place in the batch
  std::size_t offset = 0;  // bytes from the seat's start
  std::ptrdiff_t row_bytes = 0;
  Size valid = {};  // the part that is the sample's own; the collate padded the rest
};

/// Small bytes that are copied into the seat.
struct Piece {
  const std::byte* from = nullptr;  // in the arena
  std::size_t bytes = 0;
  std::size_t offset = 0;
};

/// The layout of a batch, made before a pixel exists: the tree that the consumer will see, and
/// where each leaf goes. Tensors of `batch` without a buffer lie in the seat, at their offset.
class Layout {
 public:
  explicit Layout(Arena& arena) : arena_(&arena), pictures_(&arena), pieces_(&arena) {}

  /// Places a picture by itself: a tensor (C, H, W) over H x W x C bytes.
  Tensor place(const image::Picture& picture, std::size_t sample);
  /// Places pictures of one size and dtype, stacked: (N, C, H, W) over N x H x W x C bytes. They
  /// are of the samples from `first` on. Throws Error(data) naming the first sample that differs.
  Tensor stack(std::span<const image::Picture> pictures, std::size_t first = 0);
  /// The same for pictures of one dtype and any size: each is padded at the right and the bottom to
  /// `size`, with its own value.
  Tensor stack_padded(std::span<const image::Picture> pictures, Size size,
                      std::span<const double> values, std::size_t first = 0);
  /// Places a copy of a tensor, row-major.
  Tensor place(const Tensor& tensor);
  /// Places tensors of one shape, stacked on a new first axis, promoted to a common dtype. They are
  /// of the samples from `first` on. Throws Error(data) naming the first sample that differs.
  Tensor stack(std::span<const Tensor> tensors, std::size_t first = 0);

  Arena& arena() const { return *arena_; }
  std::size_t bytes() const { return bytes_; }
  const std::pmr::vector<PicturePlace>& pictures() const { return pictures_; }
  const std::pmr::vector<Piece>& pieces() const { return pieces_; }

  Item batch = {};

 private:
  std::size_t reserve(std::size_t bytes);
  void copy_to(const Tensor& tensor, std::size_t offset);

  Arena* arena_;
  std::pmr::vector<PicturePlace> pictures_;
  std::pmr::vector<Piece> pieces_;
  std::size_t bytes_ = 0;
};

/// The dtype that torch promotes two dtypes to: float32 and int64 give float32.
DType promoted(DType a, DType b);

/// Turns the packed items of a batch into its layout. A value, safe from any thread.
struct Collate {
  std::string name = {};
  std::function<Layout(std::span<const Item>, Arena&)> layout = {};
  /// The bound of the pictures of a batch once they are padded; empty where they stay as they are.
  std::function<PictureBound(const PictureBound&)> padded = {};
};

/// Gives the tensors of the tree that lie in the seat their bytes.
void bind(Item& item, const Buffer& seat);
/// The same for the whole batch, and copies what is no picture into the seat.
void settle(Layout& layout, const Buffer& seat);

}  // namespace pinfeed
