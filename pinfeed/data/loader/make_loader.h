// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/loader/loader_options.h"

namespace pinfeed {

class Loader;  // loader.h, which includes this header
class Value;
struct Catalogs;
struct PartDoc;

/// Builds the loader of `config[section]` ("train_dataloader", "val_dataloader"): reads the
/// section, builds dataset, sampler and collate from the catalogs, and connects them. Throws
/// Error(config) or Error(data).
Loader make_loader(const Value& config, const std::string& section, const Catalogs& catalogs,
                   const LoaderOptions& options);

/// The keys of a data loader's dictionary.
PartDoc data_loader_doc();
/// Checks the keys of a data loader's dictionary without building a loader. Throws Error(config).
void check_data_loader(const Value& value, const std::string& path);

}  // namespace pinfeed
