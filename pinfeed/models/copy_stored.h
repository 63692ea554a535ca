// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "pinfeed/core/mapped_file.h"

namespace pinfeed {

/// Copies the tensors of a mapped file into those of a model. Their bytes are read from the file
/// (MappedFile::read), into the model's memory itself where the types are the same and through a
/// small memory otherwise. Tensors that are not views of the file are copied as any others.
class StoredCopies {
 public:
  explicit StoredCopies(MappedFile file) : file_(std::move(file)) {}

  /// `ours.copy_(stored)`, now or in run(), until which `ours` has to exist. The shapes are the
  /// same. Throws as MappedFile::read().
  void add(const at::Tensor& stored, at::Tensor ours);
  /// Copies what was added and is not copied yet, by torch's threads. Throws as MappedFile::read().
  void run();

 private:
  struct Part {
    const std::byte* from = nullptr;
    std::span<std::byte> to = {};
  };

  MappedFile file_;
  std::vector<Part> parts_ = {};
  std::set<const std::byte*> targets_ = {};  // of the parts
};

/// The tensor in memory of its own, with the same strides, if it is a view of the file.
at::Tensor read_stored(const MappedFile& file, const at::Tensor& stored);

}  // namespace pinfeed
