// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pinfeed::cli {

/// The torch that libpinfeed_train.so was built with: "2.13.0".
const std::string& torch_version();

/// True if the environment variable PINFEED_TORCH names a folder; "none" names none.
bool torch_is_named();

/// The folders <site-packages>/torch that have this version (docs/installing.md): the one that the
/// environment variable PINFEED_TORCH names, or those of VIRTUAL_ENV, of CONDA_PREFIX and of
/// `prefix`, where pinfeed is installed. Relative folders are left out. Throws Error(system) if
/// PINFEED_TORCH is set to a folder without torch or with another version.
std::vector<std::filesystem::path> torch_folders(const std::filesystem::path& prefix);

}  // namespace pinfeed::cli
