// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/validation_schema.h"

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

bool is_set(const Value& config, std::string_view key) {
  const Value* value = config.find(key);
  return value != nullptr && !value->is_none();
}

}  // namespace

void describe(Schema<ValLoop>& schema) {
  schema.summary("Evaluates on the whole validation set.")
      .refused("fp16", "pinfeed evaluates in float32");
}

bool has_validation(const Value& config) {
  std::vector<std::string> present;
  std::vector<std::string> absent;
  for (const char* key : {"val_dataloader", "val_cfg", "val_evaluator"}) {
    (is_set(config, key) ? present : absent).push_back(key);
  }
  if (absent.empty()) schema_of<ValLoop>().parse(*config.find("val_cfg"), "val_cfg");
  if (present.empty() || absent.empty()) return absent.empty();
  throw Error(ErrorKind::config, "the config has " + joined(present) + " but not " + joined(absent))
      .help("validation needs all three; set them to None to train without it");
}

}  // namespace pinfeed
