// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/file.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/formats/safetensors.h"

namespace pinfeed {

/// Writes a .safetensors file whose tensors come one after the other, in constant memory. The
/// header of the format comes first and needs all tensors, so their bytes are collected in a file
/// without a name, in the folder of `path` where that is possible. It disappears with the process.
class SafetensorsSpool {
 public:
  /// Throws Error(system) if no file can be made.
  explicit SafetensorsSpool(std::string path);

  /// Throws Error(system) if writing fails.
  void add(const std::string& name, const Tensor& tensor);
  void add_text(const std::string& name, const std::string& text);
  /// Writes the file as write_safetensors() does. Call it once, at the end.
  void finish();

 private:
  std::string path_;
  FileDescriptor spool_;
  FileWriter writer_;
  std::size_t bytes_ = 0;
  SafetensorsFile file_ = {};  // the tensors have no bytes until finish(), only their offsets
};

}  // namespace pinfeed
