// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "pinfeed/core/mapped_file.h"

namespace pinfeed {

/// `ours.copy_(stored)` of a tensor of the same shape that may be a view of a mapped file. Its
/// bytes are then read from the file (MappedFile::read), into `ours` itself where the types are the
/// same and through a small memory otherwise. Throws as MappedFile::read().
void copy_stored(const MappedFile& file, const at::Tensor& stored, at::Tensor ours);

/// The tensor in memory of its own, with the same strides, if it is a view of the file.
at::Tensor read_stored(const MappedFile& file, const at::Tensor& stored);

}  // namespace pinfeed
