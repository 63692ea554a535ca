// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "pinfeed/cli/check_part.h"
#include "pinfeed/cli/part_groups.h"
#include "pinfeed/config/catalog.h"
#include "pinfeed/config/value/merge.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/schedule/lint.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/schemas/run_settings.h"

namespace pinfeed::cli {
namespace {

// What a section is to pinfeed where its keys are no part's.
struct Section {
  std::string_view name;
  std::string_view verdict;  // empty: its parts say it
};

constexpr std::array<Section, 31> sections = {{
    {"model", ""},
    {"data_preprocessor", ""},
    {"optim_wrapper", ""},
    {"param_scheduler", ""},
    {"train_cfg", ""},
    {"val_cfg", ""},
    {"train_dataloader", ""},
    {"val_dataloader", ""},
    {"val_evaluator", ""},
    {"default_hooks", ""},
    {"custom_hooks", ""},
    {"log_processor", ""},
    {"auto_scale_lr", "used"},
    {"randomness", "used"},
    {"pinfeed", "used"},
    {"load_from", "used"},
    {"resume", "used"},
    {"work_dir", "used"},
    {"launcher", "used"},
    {"default_scope", "accepted: parts are found without it"},
    {"custom_imports", "accepted: nothing is imported"},
    {"env_cfg", "accepted: there are no worker processes"},
    {"visualizer", "accepted: logs and curves are in the work dir"},
    {"vis_backends", "accepted: logs and curves are in the work dir"},
    {"log_level", "accepted: the log has one level"},
    {"test_dataloader", "accepted: no command tests; val_dataloader is what eval reads"},
    {"test_evaluator", "accepted: no command tests"},
    {"test_cfg", "accepted: no command tests"},
    {"tta_model", "accepted: there is no test-time augmentation"},
    {"tta_pipeline", "accepted: there is no test-time augmentation"},
    {"dataset_type", "variable"},
}};

// The kinds of part that may stand under a key, most likely first.
std::vector<std::string> kinds_under(const std::string& key) {
  if (key == "pipeline" || key == "transforms" || key == "switch_pipeline") return {"transform"};
  if (key == "dataset" || key == "datasets") return {"dataset"};
  if (key == "sampler") return {"sampler"};
  if (key == "batch_sampler") return {"batch_sampler"};
  if (key == "collate_fn") return {"collate"};
  if (key == "param_scheduler") return {"scheduler", "hook"};
  if (key == "optimizer") return {"optimizer"};
  if (key == "optim_wrapper") return {"optim_wrapper"};
  if (key == "train_cfg" || key == "val_cfg") return {"loop"};
  if (key == "val_evaluator") return {"metric"};
  if (key == "default_hooks" || key == "custom_hooks") return {"hook"};
  if (key == "data_preprocessor") return {"preprocessor"};
  return {};
}

std::string place_of(const Dict::Entry& entry) {
  const SourceSpan& span = entry.span.known() ? entry.span : entry.value.span();
  if (!span.known()) return "";
  return fmt::format("{}:{}", span.source->name, span.line);
}

// A dictionary, or a list with one in it, is not a value but has keys of its own.
bool holds_keys(const Value& value) {
  if (value.is_dict()) return !value.dict().empty();
  return value.is_sequence() && std::any_of(value.items().begin(), value.items().end(), holds_keys);
}

class Checker {
 public:
  Checker(const Catalogs& catalogs, std::vector<Finding>& findings)
      : catalogs_(catalogs), shelves_(all_part_groups(catalogs)), findings_(findings) {}

  void section(const Dict::Entry& entry) {
    section_ = entry.key.text;
    for (const Section& known : sections) {
      if (known.name != section_) continue;
      if (section_.ends_with("_dataloader") && entry.value.is_dict() && known.verdict.empty()) {
        loader(entry);
      } else if (known.verdict.empty()) {
        whole(entry, section_, kinds_under(section_));
      } else {
        add(entry, section_, std::string(known.verdict));
      }
      return;
    }
    add(entry, section_, "variable");
  }

 private:
  void add(const Dict::Entry& entry, const std::string& path, const std::string& verdict) {
    findings_.push_back({section_, path, verdict, place_of(entry)});
  }

  void loader(const Dict::Entry& entry) {
    const std::size_t first = findings_.size();
    const PartDoc doc = data_loader_doc();
    for (const Dict::Entry& own : entry.value.dict().entries()) {
      one(own, section_ + "." + own.key.text, doc);
    }
    note_objection([&] { check_data_loader(entry.value, section_); }, section_, first, findings_);
  }

  // A value that a section or a key holds: parts below it are looked up, other keys are as used as
  // the key itself.
  void whole(const Dict::Entry& entry, const std::string& path,
             const std::vector<std::string>& kinds) {
    if (!holds_keys(entry.value)) add(entry, path, "used");
    inside(entry.value, entry, path, kinds);
  }

  void inside(const Value& value, const Dict::Entry& entry, const std::string& path,
              const std::vector<std::string>& kinds) {
    if (value.is_sequence()) {
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        const Value& item = value.items()[i];
        if (holds_keys(item)) inside(item, entry, fmt::format("{}[{}]", path, i), kinds);
      }
    }
    if (!value.is_dict()) return;
    const Value* type = value.find("type");
    const bool named = type != nullptr && (type->is_string() || type->dotted_name() != nullptr);
    if (named) {
      part(value, path, kinds);
    } else {
      plain(value, path, kinds);
    }
  }

  // A dictionary without a type: train_dataloader, default_hooks.
  void plain(const Value& value, const std::string& path, const std::vector<std::string>& kinds) {
    for (const Dict::Entry& entry : value.dict().entries()) {
      const bool hooks = section_ == "default_hooks";
      const auto own = hooks ? std::vector<std::string>() : kinds_under(entry.key.text);
      whole(entry, path + "." + entry.key.text, own.empty() ? kinds : own);
    }
  }

  // A hook without parameters. Its keys change nothing, or it is refused as a whole.
  bool plain(const Value& value, const std::string& path) {
    const Value& type = *value.find("type");
    const auto refusal = type.is_string() ? plain_hook(type.string()) : std::nullopt;
    if (!refusal) return false;
    for (const Dict::Entry& entry : value.dict().entries()) {
      const std::string refused = "not supported: " + std::string(*refusal);
      const bool described = entry.key.text == "type" && !refusal->empty();
      add(entry, path + "." + entry.key.text,
          described ? refused : "accepted: it is part of the loop");
    }
    return true;
  }

  void part(const Value& value, const std::string& path, const std::vector<std::string>& kinds) {
    const PartDoc* doc = doc_of(value, path, kinds);
    if (doc == nullptr && plain(value, path)) return;
    const std::size_t first = findings_.size();
    for (const Dict::Entry& entry : value.dict().entries()) {
      const std::string& key = entry.key.text;
      const std::string inner = path + "." + key;
      if (key == "type" || key == "_scope_") {
        add(entry, inner, doc != nullptr || key == "_scope_" ? "used" : unknown(entry, kinds));
      } else if (doc != nullptr) {
        one(entry, inner, *doc);
      }
    }
    note_objection([&] { read_part(value, path, kinds, catalogs_); }, section_, first, findings_);
  }

  void one(const Dict::Entry& entry, const std::string& path, const PartDoc& doc) {
    for (const KeyDoc& key : doc.keys) {
      if (key.name != entry.key.text) continue;
      const bool off = entry.value.is_none() || (entry.value.is_bool() && !entry.value.boolean());
      if (key.use == KeyUse::used) {
        whole(entry, path, kinds_under(key.name));
      } else if (key.use == KeyUse::accepted || off) {
        add(entry, path, "accepted: " + (off ? "it is off" : key.meaning));
      } else {
        add(entry, path, "not supported: " + key.meaning);
      }
      return;
    }
    add(entry, path, "not supported: " + doc.name + " has no such key");
  }

  static std::string unknown(const Dict::Entry& type, const std::vector<std::string>& kinds) {
    const std::string name =
        type.value.is_string() ? type.value.string() : type.value.dotted_name()->name;
    return fmt::format("not supported: there is no {} '{}'", kinds.empty() ? "part" : kinds[0],
                       name);
  }

  // Some parts have no keys to describe: those are found by the builders below.
  const PartDoc* doc_of(const Value& value, const std::string& path,
                        const std::vector<std::string>& kinds) const {
    std::string name;
    try {
      name = type_of(value, path).name;
    } catch (const Error&) {
      return nullptr;
    }
    for (const PartGroup& shelf : shelves_) {
      const bool fits =
          kinds.empty() || std::find(kinds.begin(), kinds.end(), shelf.kind) != kinds.end();
      for (const PartDoc& part : shelf.parts) {
        if (fits && part.name == name) return &part;
      }
    }
    return nullptr;
  }

  const Catalogs& catalogs_;
  std::vector<PartGroup> shelves_;
  std::vector<Finding>& findings_;
  std::string section_ = {};
};

}  // namespace

std::vector<Finding> check(const Config& config, const Catalogs& catalogs) {
  std::vector<Finding> findings;
  Checker checker(catalogs, findings);
  for (const Dict::Entry& entry : config.root.dict().entries()) checker.section(entry);
  std::vector<std::string> warnings;
  const Value& root = config.root;
  const auto has = [&root](const char* section) {
    const Value* value = root.find(section);
    return value != nullptr && !value->is_none();
  };
  const auto build = [&findings](const char* section, const std::function<void()>& work) {
    note_objection(work, section, findings.size(), findings);
  };
  build("pinfeed", [&] { (void)loader_options(root); });
  if (has("param_scheduler") && has("train_cfg")) {
    build("param_scheduler",
          [&] { scheduled_optimizers(root, train_length(root, /*epoch_length=*/100)); });
  }
  if (has("train_cfg") && has("optim_wrapper")) {
    build("train_cfg", [&] { read_run_settings(root, config.path, warnings); });
  }
  return findings;
}

}  // namespace pinfeed::cli
