// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "pinfeed/formats/weights/pickle_tree.h"
#include "pinfeed/formats/weights/weights_file.h"

namespace pinfeed {

/// The pickle of a checkpoint and where the bytes of its storages are.
struct PthContainer {
  PickleTree tree = {};
  std::map<std::string_view, std::span<const std::byte>> storages = {};  // by key, in `file`
  bool verified = false;  // the checksums were compared
};

/// Reads one of the three formats of read_weights_file(). Throws Error(data).
PthContainer read_container(std::span<const std::byte> file, VerifyChecksums verify);

}  // namespace pinfeed
