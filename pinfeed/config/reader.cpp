// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.2; docs/specs/decisions.md, 2 and 10.
//
// How bases are read. A file names its bases in `_base_` (old style, JSON, YAML) or imports names
// from them in `with read_base():` (new style). A base may have bases of its own.
//
// Old style: the bases are read first and combined; a name that two of them define is an error,
// because OpenMMLab refuses it. The combined dictionary is the value of `_base_` while the file is
// evaluated, and the file can change it. Then the names of the file are merged into it (merge.cpp).
// New style: the evaluator calls back when it meets an import of a base, and the imported names are
// ordinary names of the file. There is no merging: the file changes them by assignment.
//
// chain_ has the files that are being read, by canonical path: a file that is in it already is a
// cycle. Errors show the name relative to the first file, as the user wrote it.
#include "pinfeed/config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "pinfeed/config/base_references.h"
#include "pinfeed/config/package_path.h"
#include "pinfeed/config/python/template.h"
#include "pinfeed/config/read_json.h"
#include "pinfeed/config/read_yaml.h"
#include "pinfeed/config/source.h"
#include "pinfeed/config/value/merge.h"

namespace pinfeed {
namespace {

// A base is read once for each path to it; without a limit 60 files could cause 2^30 reads.
constexpr int most_files = 1000;

std::string identity_of(const std::string& path) {
  std::error_code code;
  const auto canonical = std::filesystem::weakly_canonical(path, code);
  return code ? path : canonical.string();
}

std::string extension_of(const std::string& name) {
  return std::filesystem::path(name).extension().string();
}

// Whether the format is JSON or YAML.
bool is_data(const std::string& name) {
  const std::string extension = extension_of(name);
  return extension == ".json" || extension == ".yaml" || extension == ".yml";
}

void check_extension(const std::string& name, const SourceSpan& from) {
  if (extension_of(name) == ".py" || is_data(name)) return;
  throw Error(
      ErrorKind::config,
      fmt::format("'{}' is not a config: its name must end in .py, .json, .yaml or .yml", name))
      .at(from);
}

Dict data_of(const std::shared_ptr<const SourceText>& source) {
  const auto text = quoted_references(source);
  if (extension_of(source->name) == ".json") return read_json(text);
  if (text->text.find("{{") == std::string::npos) return read_yaml(text);
  return read_yaml(make_source(python::without_templates(text->text, source->name), source->name));
}

void add_all(Dict& all, Dict more) {
  std::unordered_map<std::string_view, const SourceSpan*> known;
  for (const Dict::Entry& entry : all.entries()) known.emplace(entry.key.text, &entry.span);
  for (const Dict::Entry& entry : more.entries()) {
    const auto first = known.find(entry.key.text);
    if (first == known.end()) continue;
    throw Error(ErrorKind::config, fmt::format("'{}' is defined in two bases; the first is {}",
                                               entry.key.text, span_text(*first->second)))
        .at(entry.span)
        .help("bases in one list must not define the same name");
  }
  for (Dict::Entry& entry : more.entries()) all.entries().push_back(std::move(entry));
}

}  // namespace

Dict Reader::file(const std::string& path) {
  Dict root = read(path, path, {});
  drop_imported_names(root, imported_);
  return root;
}

Dict Reader::text(const std::shared_ptr<const SourceText>& source) {
  Dict root = merged_text(source, "");
  drop_imported_names(root, imported_);
  return root;
}

Dict Reader::read(const std::string& path, const std::string& name, const SourceSpan& from) {
  check_extension(name, from);
  const std::string identity = identity_of(path);
  refuse_cycle(identity, name, from);
  if (++files_ > most_files) {
    throw Error(ErrorKind::config, fmt::format("the config has more than {} bases", most_files))
        .at(from);
  }
  const auto source = load_source(path, name, from);
  chain_.push_back({identity, name});
  Dict root = merged_text(source, path);
  chain_.pop_back();
  return root;
}

Dict Reader::merged_text(const std::shared_ptr<const SourceText>& source, const std::string& path) {
  Evaluated parts;
  if (is_data(source->name)) {
    parts.own = data_of(source);
    if (const Value* bases = parts.own.find("_base_")) {
      parts.base = union_of(base_paths(*bases), path, source->name);
    }
    parts.own.erase("_base_");
    resolve_references(parts.own, parts.base);
  } else {
    const auto templates =
        new_style_ != nullptr ? python::Templates::keep : python::Templates::replace;
    const PythonText text = read_python(source, templates);
    note_style(text);
    if (text.lazy || (new_style_ != nullptr && text.bases.empty())) {
      const auto read_base = [&](const python::FromImport& import, const SourceSpan& from) {
        return module(import, from, path, source->name);
      };
      parts.own = evaluated_lazily(text, read_base, imported_);
    } else {
      parts = evaluated(text, union_of(text.bases, path, source->name));
    }
  }
  drop_deprecation(parts.own, source->name);
  if (history_ == nullptr) return merged(std::move(parts.base), std::move(parts.own));
  return merged(std::move(parts.base), std::move(parts.own), *history_);
}

// All files of a chain have one style; a file without bases and imports has none.
void Reader::note_style(const PythonText& text) {
  auto& own = text.lazy ? new_style_ : old_style_;
  if (own == nullptr && (text.lazy || !text.bases.empty())) own = text.source;
  if (old_style_ == nullptr || new_style_ == nullptr) return;
  throw Error(ErrorKind::config,
              fmt::format("'{}' has _base_ and '{}' has imports: the two styles do not mix",
                          old_style_->name, new_style_->name))
      .at({text.source, 1, 1, 1})
      .help("use one style for a config and all its bases");
}

// "..a.b" is a file beside this one or above it, "mmdet.configs.a.b" one of a package.
Dict Reader::module(const python::FromImport& import, const SourceSpan& from,
                    const std::string& path, const std::string& name) {
  std::string file = import.module;
  std::replace(file.begin(), file.end(), '.', '/');
  file += ".py";
  if (import.dots == 0) {
    const std::size_t slash = file.find('/');
    const PackagePath package = {file.substr(0, slash),
                                 slash == std::string::npos ? file : file.substr(slash + 1)};
    const std::string found = package_file(package, options_, from);
    return read(found, found, from);
  }
  for (int i = 1; i < import.dots; ++i) file = "../" + file;
  return base({file, from}, path, name);
}

Dict Reader::union_of(const std::vector<BasePath>& bases, const std::string& path,
                      const std::string& name) {
  Dict all;
  for (const BasePath& each : bases) add_all(all, base(each, path, name));
  return all;
}

// Relative to the folder of the file that names it.
Dict Reader::base(const BasePath& base, const std::string& path, const std::string& name) {
  const auto beside = [&base](const std::string& file) {
    return std::filesystem::path(file).parent_path() / base.path;
  };
  if (const auto package = split_package(base.path)) {
    const std::string found = package_file(*package, options_, base.span);
    Dict root = read(found, found, base.span);
    add_scope(root, package->name);
    return root;
  }
  return read(beside(path).string(), beside(name).lexically_normal().string(), base.span);
}

void Reader::refuse_cycle(const std::string& identity, const std::string& name,
                          const SourceSpan& from) const {
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    if (chain_[i].identity != identity) continue;
    std::string cycle;
    for (std::size_t j = i; j < chain_.size(); ++j) cycle += chain_[j].name + " -> ";
    throw Error(ErrorKind::config, "_base_ refers back to its own file: " + cycle + name).at(from);
  }
}

void Reader::drop_deprecation(Dict& root, const std::string& name) {
  const Value* note = root.find("_deprecation_");
  if (note == nullptr) return;
  std::string text = name + " is deprecated";
  if (const Value* expected = note->find("expected")) {
    text += "; use " + (expected->is_string() ? expected->string() : repr(*expected));
  }
  if (const Value* reference = note->find("reference")) {
    text += " (" + (reference->is_string() ? reference->string() : repr(*reference)) + ")";
  }
  warnings_.push_back(text);
  root.erase("_deprecation_");
}

}  // namespace pinfeed
