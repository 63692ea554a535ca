// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4; docs/specs/decisions.md, 2, 3, 10.
#include "pinfeed/config/read.h"

#include "pinfeed/config/finish.h"
#include "pinfeed/config/options.h"
#include "pinfeed/config/reader.h"
#include "pinfeed/config/source.h"
#include "pinfeed/config/value/merge.h"

namespace pinfeed {

Config read_config(const std::string& path, const ReadOptions& options) {
  Config config{.path = path};
  Dict root = Reader(options, config.warnings).file(path);
  apply_options(root, options.cfg_options);
  config.root = finished(std::move(root), config.warnings);
  if (!options.keep_delete_keys) strip_delete_keys(config.root);
  return config;
}

Config read_config_text(const std::string& text, const std::string& name) {
  Config config{.path = name};
  const ReadOptions options;
  Dict root = Reader(options, config.warnings).text(make_source(text, name));
  config.root = finished(std::move(root), config.warnings);
  strip_delete_keys(config.root);
  return config;
}

}  // namespace pinfeed
