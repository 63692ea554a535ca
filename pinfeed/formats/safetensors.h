// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/file.h"
#include "pinfeed/core/mapped_file.h"
#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// The content of a .safetensors file: named tensors and named texts, in the order of the header.
/// Every dtype of DType but complex128 can be written and read.
struct SafetensorsFile {
  std::vector<std::pair<std::string, Tensor>> tensors = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
  bool checksum = false;  // the file has one (formats/safetensors_checksum.h), not in `metadata`

  /// The tensor of this name, or nullptr.
  const Tensor* find(const std::string& name) const;
};

/// Writes the file atomically. Tensors of any strides are written row-major, those with the widest
/// elements first, so that all are aligned in the file. With `file.checksum`, a checksum of all
/// bytes is written into the metadata. Throws Error(data) for a duplicate name
/// or a tensor of complex128, Error(system) if writing fails.
void write_safetensors(const std::string& path, const SafetensorsFile& file,
                       const WriteOptions& options = {});

/// Whether the checksum of a file that has one is compared, which reads the whole file.
enum class Verify { checksum, nothing };

/// Reads a file. Tensors are views of the mapped file: bytes are read on first access, and writing
/// to a tensor does not change the file. Throws Error(data) for an invalid header and for a wrong
/// checksum.
SafetensorsFile read_safetensors(const std::string& path, Verify verify = Verify::checksum);
/// The same of a file that is mapped already.
SafetensorsFile read_safetensors(const MappedFile& file, Verify verify = Verify::checksum);

/// The name of the dtype in the format: "F32", "I64", "BF16". Empty for complex128.
std::string safetensors_name(DType dtype);

}  // namespace pinfeed
