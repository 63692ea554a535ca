// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/validation_schema.h"

#include <algorithm>
#include <array>

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

constexpr std::array<std::string_view, 3> evaluated_keys = {"img_id", "img_shape", "scale_factor"};

// A value that is no list of names is an error of the step itself.
bool lists(const Value& keys, std::string_view name) {
  if (!keys.is_sequence()) return true;
  return std::any_of(keys.items().begin(), keys.items().end(),
                     [&](const Value& key) { return key.is_string() && key.string() == name; });
}

[[noreturn]] void throw_unpacked(const std::string& step, std::string_view key,
                                 const SourceSpan& span, const std::string& path) {
  throw Error(ErrorKind::config, step + " leaves out '" + std::string(key) +
                                     "', which the evaluation of detections needs")
      .at(span)
      .inside(path)
      .help("meta_keys of PackDetInputs must have 'img_id', 'img_shape' and 'scale_factor'");
}

void check_step(const Value& step, const std::string& path) {
  if (!has_type(step)) return;
  const std::string name = type_of(step, path).name;
  if (name != "PackDetInputs" && name != "PackInputs") return;
  const Value* keys = step.find("meta_keys");
  // The default keys of PackInputs are those of a classifier.
  if (keys == nullptr && name == "PackInputs") throw_unpacked(name, "img_id", step.span(), path);
  for (const std::string_view key : evaluated_keys) {
    if (keys != nullptr && !lists(*keys, key))
      throw_unpacked(name, key, keys->span(), path + ".meta_keys");
  }
}

void check_steps_below(const Value& value, const std::string& path) {
  if (value.is_sequence()) {
    for (std::size_t i = 0; i < value.items().size(); ++i)
      check_steps_below(value.items()[i], path + "[" + std::to_string(i) + "]");
  }
  if (!value.is_dict()) return;
  check_step(value, path);
  for (const Dict::Entry& entry : value.dict().entries())
    check_steps_below(entry.value, path + "." + entry.key.text);
}

}  // namespace

void check_packed_keys(const Value& config, const std::string& section) {
  const Value* loader = config.find(section);
  const Value* dataset = loader != nullptr ? loader->find("dataset") : nullptr;
  if (dataset != nullptr) check_steps_below(*dataset, section + ".dataset");
}

void describe(Schema<ValLoop>& schema) {
  schema.summary("Evaluates on the whole validation set.")
      .refused("fp16", "pinfeed evaluates in float32");
}

bool has_evaluation(const Value& config, const std::string& split) {
  std::vector<std::string> present;
  std::vector<std::string> absent;
  for (const char* ending : {"_dataloader", "_cfg", "_evaluator"}) {
    const std::string key = split + ending;
    (config.is_set(key) ? present : absent).push_back(key);
  }
  const std::string loop = split + "_cfg";
  if (absent.empty()) schema_of<ValLoop>().parse(*config.find(loop), loop);
  if (present.empty() || absent.empty()) return absent.empty();
  throw Error(ErrorKind::config, "the config has " + joined(present) + " but not " + joined(absent))
      .help(split == "val" ? "validation needs all three; set them to None to train without it"
                           : "a test needs all three");
}

}  // namespace pinfeed
