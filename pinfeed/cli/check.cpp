// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/cli/check_part.h"
#include "pinfeed/cli/check_sections.h"
#include "pinfeed/cli/check_settings.h"
#include "pinfeed/config/catalog.h"
#include "pinfeed/config/older_generation.h"
#include "pinfeed/config/value/merge.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/inspect/part_groups.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/schemas/runner_keys.h"

namespace pinfeed::cli {
namespace {

std::string location_of(const Dict::Entry& entry) {
  return line_text(entry.span.known() ? entry.span : entry.value.span());
}

// A dictionary with keys, or a list that has one: its keys get the verdicts.
bool has_keys(const Value& value) {
  if (value.is_dict()) return !value.dict().empty();
  return value.is_sequence() && std::any_of(value.items().begin(), value.items().end(), has_keys);
}

std::string unknown_part(const Value& type, const std::vector<std::string>& kinds) {
  const std::string name = type.is_string() ? type.string() : type.dotted_name()->name;
  return fmt::format("not supported: there is no {} '{}'", kinds.empty() ? "part" : kinds[0], name);
}

// Adds a finding for each key of a section. Parts are found by their type, and each key of a part
// in its documentation; below a key without documentation every key is used.
class Checker {
 public:
  Checker(const Value& root, const Catalogs& catalogs, std::vector<Finding>& findings)
      : root_(root), catalogs_(catalogs), groups_(all_part_groups(catalogs)), findings_(findings) {}

  void check_section(const Dict::Entry& entry) {
    section_ = entry.key.text;
    const RunnerKey* key = find_runner_key(section_);
    if (key == nullptr || !key->verdict.empty()) {
      add(entry, section_, key != nullptr ? std::string(key->verdict) : verdict_of_variable());
    } else if (section_ == "env_cfg" && entry.value.is_dict()) {
      check_env(entry.value);
    } else if (section_.ends_with("_dataloader") && entry.value.is_dict()) {
      check_loader(entry);
    } else if (section_ == "train_cfg" && entry.value.is_dict()) {
      check_train_loop(entry.value);
    } else {
      check_value(entry, section_, part_kinds_of(section_));
    }
  }

 private:
  void add(const Dict::Entry& entry, const std::string& path, const std::string& verdict) {
    findings_.push_back({section_, path, verdict, location_of(entry)});
  }

  std::string verdict_of_variable() const {
    const auto replacement = replacement_of(root_, section_);
    if (!replacement) return "variable";
    return fmt::format("ignored: a name of the older generation; {} replaces it", *replacement);
  }

  void check_env(const Value& env) {
    const PartDoc doc = env_cfg_doc();
    for (const Dict::Entry& own : env.dict().entries())
      check_key(own, section_ + "." + own.key.text, doc);
  }

  void check_loader(const Dict::Entry& entry) {
    const std::size_t first = findings_.size();
    const PartDoc doc = data_loader_doc();
    for (const Dict::Entry& own : entry.value.dict().entries()) {
      check_key(own, section_ + "." + own.key.text, doc);
    }
    record_error([&] { check_data_loader(entry.value, section_); }, section_, first, findings_);
  }

  // Without a loop, which type or by_epoch chooses, no key of a train_cfg has a meaning: the
  // section gets one verdict.
  void check_train_loop(const Value& train_cfg) {
    record_error(
        [&] {
          const PartDoc* doc = find_doc(train_loop_name(train_cfg), {"loop"});
          for (const Dict::Entry& entry : train_cfg.dict().entries()) {
            const std::string& key = entry.key.text;
            if (key == "type" || key == "by_epoch" || key == "_scope_")
              add(entry, section_ + "." + key, "used");
            else
              check_key(entry, section_ + "." + key, *doc);
          }
        },
        section_, findings_.size(), findings_);
  }

  void check_value(const Dict::Entry& entry, const std::string& path,
                   const std::vector<std::string>& kinds) {
    if (!has_keys(entry.value)) add(entry, path, "used");
    check_nested(entry.value, path, kinds);
  }

  void check_nested(const Value& value, const std::string& path,
                    const std::vector<std::string>& kinds) {
    if (value.is_sequence()) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        const Value& item = value.items()[i];
        if (has_keys(item)) check_nested(item, fmt::format("{}[{}]", path, i), kinds);
      }
    }
    if (!value.is_dict()) return;
    if (has_type(value))
      check_part(value, path, kinds);
    else
      check_dict(value, path, kinds);
  }

  // In a model, `train_cfg` and `sampler` hold parts of the model.
  std::vector<std::string> kinds_of(const std::string& key) const {
    if (section_ == "model" && key != "data_preprocessor") return {};
    return part_kinds_of(key);
  }

  // A dictionary without a type, such as default_hooks.
  void check_dict(const Value& value, const std::string& path,
                  const std::vector<std::string>& kinds) {
    for (const Dict::Entry& entry : value.dict().entries()) {
      const bool hooks = section_ == "default_hooks";
      const auto own = hooks ? std::vector<std::string>() : kinds_of(entry.key.text);
      check_value(entry, path + "." + entry.key.text, own.empty() ? kinds : own);
    }
  }

  // A hook without parameters is refused as a whole, or its keys change nothing. Returns whether
  // the value is such a hook.
  bool check_plain_hook(const Value& value, const std::string& path) {
    const PlainHook* hook = plain_hook(type_name(value, path));
    if (hook == nullptr) return false;
    for (const Dict::Entry& entry : value.dict().entries()) {
      const bool refused = entry.key.text == "type" && !hook->refusal.empty();
      add(entry, path + "." + entry.key.text,
          refused ? "not supported: " + std::string(hook->refusal)
                  : "accepted: " + std::string(hook->note));
    }
    return true;
  }

  // Which types of init_cfg a model accepts depends on all of it: reading the model tells. Returns
  // whether the value is one.
  bool check_init(const Value& value, const std::string& path) {
    if (section_ != "model" || path.find(".init_cfg") == std::string::npos) return false;
    for (const Dict::Entry& entry : value.dict().entries())
      add(entry, path + "." + entry.key.text, "used");
    return true;
  }

  void check_part(const Value& value, const std::string& path,
                  const std::vector<std::string>& kinds) {
    const PartDoc* doc = doc_of(value, path, kinds);
    if (doc == nullptr && (check_plain_hook(value, path) || check_init(value, path))) return;
    const std::size_t first = findings_.size();
    for (const Dict::Entry& entry : value.dict().entries()) {
      const std::string& key = entry.key.text;
      const std::string key_path = path + "." + key;
      if (key == "type" || key == "_scope_") {
        const bool known = doc != nullptr || key == "_scope_";
        add(entry, key_path, known ? "used" : unknown_part(entry.value, kinds));
      } else if (doc != nullptr) {
        check_key(entry, key_path, *doc);
      }
    }
    record_error([&] { read_part(value, path, kinds, catalogs_); }, section_, first, findings_);
  }

  void check_key(const Dict::Entry& entry, const std::string& path, const PartDoc& doc) {
    for (const KeyDoc& key : doc.keys) {
      if (key.name != entry.key.text) continue;
      const bool off = entry.value.is_none() || (entry.value.is_bool() && !entry.value.boolean());
      if (key.use == KeyUse::used) {
        check_value(entry, path, kinds_of(key.name));
      } else if (key.use == KeyUse::accepted || off) {
        add(entry, path, "accepted: " + (off ? "it is off" : key.meaning));
      } else {
        add(entry, path, "not supported: " + key.meaning);
      }
      return;
    }
    add(entry, path, "not supported: " + doc.name + " has no such key");
  }

  // Null for a type that has no documentation; reading the config finds what is wrong with it.
  const PartDoc* doc_of(const Value& value, const std::string& path,
                        const std::vector<std::string>& kinds) const {
    return find_doc(type_name(value, path), kinds);
  }

  // Without its scope; empty for a type that cannot be read.
  static std::string type_name(const Value& value, const std::string& path) {
    try {
      return type_of(value, path).name;
    } catch (const Error&) {
      return "";
    }
  }

  const PartDoc* find_doc(std::string_view name, const std::vector<std::string>& kinds) const {
    for (const PartGroup& group : groups_) {
      const bool fits =
          kinds.empty() || std::find(kinds.begin(), kinds.end(), group.kind) != kinds.end();
      for (const PartDoc& part : group.parts) {
        if (fits && part.name == name) return &part;
      }
    }
    return nullptr;
  }

  const Value& root_;
  const Catalogs& catalogs_;
  std::vector<PartGroup> groups_;
  std::vector<Finding>& findings_;
  std::string section_ = {};
};

}  // namespace

std::vector<Finding> check(const Config& config, const Catalogs& catalogs) {
  std::vector<Finding> findings;
  Checker checker(config.root, catalogs, findings);
  for (const Dict::Entry& entry : config.root.dict().entries()) checker.check_section(entry);
  check_pipelines(config.root, catalogs, findings);
  check_settings(config.root, catalogs, findings);
  return findings;
}

}  // namespace pinfeed::cli
