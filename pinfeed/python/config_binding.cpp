// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/config_binding.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pinfeed/config/options.h"
#include "pinfeed/config/propagate_override.h"
#include "pinfeed/config/value/merge.h"
#include "pinfeed/core/error.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/python_text.h"
#include "pinfeed/python/python_values.h"

namespace pinfeed::python {
namespace {

// The value of a step of a path: a key, or the index of a list.
Value* inside(Value& value, std::string_view step) {
  if (value.is_dict()) {
    Value* found = value.dict().find(step);
    return found != nullptr ? found : value.dict().find(Key{std::string(step), true});
  }
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool is_index = fault == std::errc() && end == step.data() + step.size();
  if (!is_index || !value.is_sequence() || index >= value.items().size()) return nullptr;
  return &value.items()[index];
}

// The value at "train_dataloader.dataset.pipeline.0.type"; null for none.
Value* at_path(Value& root, std::string_view path) {
  Value* value = &root;
  for (std::string_view rest = path; value != nullptr && !rest.empty();) {
    const std::string_view step = rest.substr(0, rest.find('.'));
    value = inside(*value, step);
    rest.remove_prefix(std::min(rest.size(), step.size() + 1));
  }
  return value;
}

struct TypedOption {
  std::string key;
  Value value;
};

// Options whose value is a dict set its keys, as merge_from_dict() of mmengine does.
void collect_options(const std::string& key, const Value& value,
                     std::vector<TypedOption>& options) {
  if (!value.is_dict() || value.dict().empty() || value.find("_delete_") != nullptr) {
    options.push_back({key, value});
    return;
  }
  for (const Dict::Entry& entry : value.dict().entries())
    collect_options(key + "." + entry.key.text, entry.value, options);
}

std::vector<TypedOption> options_of(nb::handle cfg_options) {
  std::vector<TypedOption> options;
  const Value given = value_of(cfg_options, "cfg_options");
  if (!given.is_none() && !given.is_dict())
    throw Error(ErrorKind::config, "cfg_options is a " + given.kind_name() + "; it must be a dict");
  if (given.is_dict()) {
    for (const Dict::Entry& entry : given.dict().entries())
      collect_options(entry.key.text, entry.value, options);
  }
  return options;
}

// The texts that set None. They follow the rules of --cfg-options; then set_values() gives the
// places their values, with their types.
std::vector<std::string> option_texts(const std::vector<TypedOption>& options) {
  std::vector<std::string> texts;
  for (const TypedOption& option : options) texts.push_back(option.key + "=None");
  return texts;
}

void set_values(Value& root, const std::vector<TypedOption>& options) {
  for (const TypedOption& option : options) {
    Value* value = at_path(root, option.key);
    if (value == nullptr) throw Error(ErrorKind::bug, "the option '" + option.key + "' got lost");
    *value = option.value;
  }
  strip_delete_keys(root);
}

Config read(const std::string& path, nb::handle cfg_options) {
  const std::vector<TypedOption> options = options_of(cfg_options);
  ReadOptions texts;
  texts.cfg_options = option_texts(options);
  Config config = read_config(path, texts);
  set_values(config.root, options);
  if (!options.empty() && has_propagated_names(config.root))
    propagate_overrides(config.root, read_config(path).root);
  return config;
}

Value with_options(nb::handle mapping, nb::handle cfg_options) {
  const Value before = root_of(mapping, nb::none());
  const std::vector<TypedOption> options = options_of(cfg_options);
  Value root = before;
  apply_options(root.dict(), option_texts(options));
  set_values(root, options);
  if (has_propagated_names(root)) propagate_overrides(root, before);
  return root;
}

// `path` may have brackets around indices, "pipeline[0].type".
nb::object source(Config& self, const std::string& path) {
  std::string dotted = path;
  std::replace(dotted.begin(), dotted.end(), '[', '.');
  std::erase(dotted, ']');
  const Value* value = at_path(self.root, dotted);
  if (value == nullptr) {
    throw Error(ErrorKind::config, "the config has no '" + path + "'");
  }
  if (!value->span().known()) return nb::none();
  return nb::make_tuple(text_object(value->span().source->name), value->span().line);
}

}  // namespace

Value root_of(nb::handle mapping, nb::handle read) {
  const Value* original = read.is_none() ? nullptr : &nb::cast<Config&>(read).root;
  Value root = value_of(mapping, "", original);
  if (root.is_dict()) return root;
  throw Error(ErrorKind::config, "the config is a " + root.kind_name() + "; it must be a dict");
}

void bind_config(nb::module_& module) {
  nb::class_<Config>(module, "ReadConfig", "A config as it was read, with the place of each value.")
      .def_prop_ro("root", [](const Config& self) { return object_of(self.root); })
      .def_prop_ro("path", [](const Config& self) { return text_object(self.path); })
      .def_prop_ro("warnings",
                   [](const Config& self) {
                     nb::list texts;
                     for (const std::string& text : self.warnings) texts.append(text_object(text));
                     return texts;
                   })
      .def("source", [](Config& self, nb::handle path) { return source(self, text_of(path)); });
  module.def(
      "read_config",
      [](nb::handle path, nb::handle options) { return read(text_of(path), options); },
      nb::arg("path"), nb::arg("cfg_options") = nb::none());
  module.def(
      "with_options",
      [](nb::handle mapping, nb::handle options) {
        return object_of(with_options(mapping, options));
      },
      nb::arg("mapping"), nb::arg("cfg_options"));
}

}  // namespace pinfeed::python
