// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/mapped_file.h"
#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// The content of a checkpoint. The path of a value is the keys of the dicts around it, joined by
/// dots: "optimizer.param_groups.0.lr".
struct WeightsFile {
  bool is_safetensors = false;
  bool checksum = false;  // a .safetensors file has one, which was compared
  bool verified = false;  // all checksums of the file were compared
  /// The tensors of the state dict by name: of the first of the keys 'state_dict', 'model',
  /// 'module', 'model_state_dict', 'network' and 'net' that holds tensors, else of the outermost
  /// dict, or, if that has no tensors, of the dict in it that has most. All tensors of a
  /// .safetensors file.
  std::vector<std::pair<std::string, Tensor>> weights = {};
  std::string weights_key = {};  // empty: the outermost dict
  /// All other tensors, by path.
  std::vector<std::pair<std::string, Tensor>> others = {};
  /// Numbers and texts as JSON, by path. Of a .safetensors file the metadata, as it is written.
  std::vector<std::pair<std::string, std::string>> values = {};
  /// Values of Python classes that are not read, by path, with the name of the class.
  std::vector<std::pair<std::string, std::string>> opaque = {};
  /// The file. Whoever copies a tensor once reads its bytes from it.
  MappedFile source = {};
};

/// Whether to compare the checksums of a zip archive, which reads all bytes.
enum class VerifyChecksums { no, yes };

/// What becomes of tensors of a .pth file whose bytes are not aligned in it, as most are in the
/// older format: they are copied into memory, or they are views that nothing but `source` may read.
enum class Unaligned { copied, views };

/// Reads a .safetensors file, or what torch.save wrote: a zip archive (PyTorch 1.6 and later), the
/// older format, or a plain pickle. The content decides, not the ending. Nothing of the file is
/// run, and nothing is unpacked: tensors are views of the mapped file, and bytes are read on first
/// access. Throws Error(data) for TorchScript archives, big-endian files, and files that are
/// damaged, cut short, or refer to functions that can harm (docs/specs/decisions.md, 9).
WeightsFile read_weights_file(const std::string& path, VerifyChecksums verify = VerifyChecksums::no,
                              Unaligned unaligned = Unaligned::copied);

/// Writes tensors as torch.save({'state_dict': ..., 'meta': {}}) does;
/// torch.load(weights_only=True) and mmengine read it. The file is replaced atomically. Throws
/// Error(data) for a name that occurs twice and for a dtype that PyTorch's format does not have,
/// Error(system) if writing fails.
void write_pth(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& weights);

}  // namespace pinfeed
