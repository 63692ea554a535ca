// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "pinfeed/config/read.h"

namespace pinfeed {

/// "mmdet::_base_/default_runtime.py".
struct PackagePath {
  std::string name = {};
  std::string file = {};
};
std::optional<PackagePath> split_package(const std::string& path);

/// The file of a package's config: in the folders of `--config-path`, then of PINFEED_CONFIG_PATH,
/// each with `.mim/configs/` and `configs/` tried below it. Throws Error(config) at `from`.
std::string package_file(const PackagePath& path, const ReadOptions& options,
                         const SourceSpan& from);

/// Sets `_scope_` in the outermost dictionaries with a `type`, unless they have one, as OpenMMLab
/// does for the base of another package.
void add_scope(Dict& root, const std::string& scope);

}  // namespace pinfeed
