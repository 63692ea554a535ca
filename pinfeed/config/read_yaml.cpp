// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.6.
#include "pinfeed/config/read_yaml.h"

#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/value/dict_builder.h"
#include "pinfeed/config/yaml_scalar.h"
#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

// An alias is copied, so a small text can expand to a huge tree. This is the limit.
constexpr int max_values = 2'000'000;
constexpr std::string_view no_tag = "?";

// Collects where each document starts.
class DocumentStarts : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> marks = {};

  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

class YamlReader {
 public:
  explicit YamlReader(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {}

  Dict root() {
    refuse_second_document();
    const YAML::Node document = YAML::Load(source_->text);
    if (document.IsNull()) return {};
    if (!document.IsMap()) throw failure("a YAML config must be a mapping", document.Mark());
    return members(document, 0);
  }

  SourceSpan location_of(const YAML::Mark& mark, int length = 1) const {
    if (mark.line < 0) return {};
    return {source_, mark.line + 1, mark.column + 1, length};
  }

 private:
  // Not LoadAll of yaml-cpp, which does not terminate on some broken texts.
  void refuse_second_document() const {
    std::istringstream text(source_->text);
    YAML::Parser parser(text);
    DocumentStarts starts;
    for (int i = 0; i < 2; ++i) parser.HandleNextDocument(starts);
    if (starts.marks.size() < 2) return;
    throw failure("a YAML config is one document", starts.marks[1]);
  }

  Error failure(const std::string& text, const YAML::Mark& mark) const {
    return Error(ErrorKind::config, text).at(location_of(mark));
  }

  Value value(const YAML::Node& node, int depth) {
    if (depth > python::max_depth) {
      throw python::nesting_error("the value is").at(location_of(node.Mark()));
    }
    if (++values_ > max_values) {
      throw failure(fmt::format("the config has more than {} values", max_values), node.Mark())
          .help(python::large_data_help);
    }
    const int length = node.IsScalar() ? std::max(1, static_cast<int>(node.Scalar().size())) : 1;
    return converted(node, depth).set_span(location_of(node.Mark(), length));
  }

  Value converted(const YAML::Node& node, int depth) {
    if (node.IsMap()) return members(node, depth);
    if (node.IsSequence()) {
      List list;
      for (const YAML::Node& item : node) list.items.push_back(value(item, depth + 1));
      return list;
    }
    if (!node.IsScalar()) return {};
    return scalar(node);
  }

  // yaml-cpp 0.7 turns escapes like "\N" into bytes that are not UTF-8.
  Value scalar(const YAML::Node& node) const {
    if (invalid_utf8(node.Scalar()) != std::string::npos) {
      throw failure("an escape in this text is not read", node.Mark())
          .help("write the character itself");
    }
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return node.Scalar();  // in quotes
    if (!tag.empty() && tag != no_tag && !tag.starts_with("tag:yaml.org,2002:")) {
      throw failure(fmt::format("pinfeed does not read the tag '{}'", tag), node.Mark())
          .help("write the resulting value; docs/config.md lists what pinfeed reads");
    }
    if (const auto known = yaml_scalar(node.Scalar())) return *known;
    throw python::integer_overflow(python::integer_text(node.Scalar()))
        .at(location_of(node.Mark()));
  }

  Key key_of(const YAML::Node& node) const {
    if (!node.IsScalar()) throw failure("a key must be str or int", node.Mark());
    const Value value = scalar(node);
    if (value.is_int()) return {std::to_string(value.integer()), true};
    if (value.is_string()) return {value.string()};
    throw failure(fmt::format("a key must be str or int, not {}", value.kind_name()), node.Mark())
        .help("put the key in quotes");
  }

  // The later value of a duplicate key is used, as in PyYAML. `<<` adds the keys of another mapping
  // that this one does not have.
  Dict members(const YAML::Node& node, int depth) {
    DictBuilder dict;
    for (const auto& pair : node) {
      if (pair.first.IsScalar() && pair.first.Scalar() == "<<") merge(dict, pair.second, depth);
    }
    for (const auto& pair : node) {
      if (pair.first.IsScalar() && pair.first.Scalar() == "<<") continue;
      const Key key = key_of(pair.first);
      dict.set(key, value(pair.second, depth + 1),
               location_of(pair.first.Mark(), std::max(1, static_cast<int>(key.text.size()))));
    }
    return dict.build();
  }

  // If several mappings have a key, the first one is used.
  void merge(DictBuilder& dict, const YAML::Node& from, int depth) {
    if (from.IsSequence()) {
      for (std::size_t i = from.size(); i-- > 0;) merge_one(dict, from[i], depth);
    } else {
      merge_one(dict, from, depth);
    }
  }

  void merge_one(DictBuilder& dict, const YAML::Node& from, int depth) {
    if (!from.IsMap()) throw failure("'<<' needs a mapping", from.Mark());
    Value all = value(from, depth + 1);
    for (Dict::Entry& entry : all.dict().entries()) {
      dict.set(entry.key, std::move(entry.value), entry.span);
    }
  }

  std::shared_ptr<const SourceText> source_;
  int values_ = 0;
};

}  // namespace

Dict read_yaml(const std::shared_ptr<const SourceText>& source) {
  YamlReader reader(source);
  try {
    return reader.root();
  } catch (const YAML::Exception& error) {
    throw Error(ErrorKind::config, "invalid YAML: " + error.msg).at(reader.location_of(error.mark));
  }
}

}  // namespace pinfeed
