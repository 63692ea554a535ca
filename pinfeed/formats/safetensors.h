// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// What a .safetensors file holds: named tensors and named texts, each in the order of the file's
/// header. Every dtype of DType can be written and read.
struct SafetensorsFile {
  std::vector<std::pair<std::string, Tensor>> tensors = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};

  /// The tensor of this name, or nullptr.
  const Tensor* find(const std::string& name) const;
};

/// Writes the file in one step (write_atomically). Tensors of any strides are written row-major,
/// wide elements first, so that each is aligned in the file. Throws Error(data) when a name is used
/// twice, Error(system) when the disk refuses.
void write_safetensors(const std::string& path, const SafetensorsFile& file);

/// Reads a file. Tensors are views of the mapped file: nothing is read until it is touched, and
/// writing to one does not change the file. Throws Error(data) saying what in the header is wrong.
SafetensorsFile read_safetensors(const std::string& path);

/// As torch's flag in the format: "F32", "I64", "BF16".
std::string safetensors_name(DType dtype);

}  // namespace pinfeed
