// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/option_warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/cli/check.h"
#include "pinfeed/config/older_generation.h"
#include "pinfeed/config/propagate_override.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/schemas/runner_keys.h"

namespace pinfeed::cli {
namespace {

// "a.2.b" is "a[2].b" in the paths of findings.
std::string finding_path(const std::string& key) {
  std::string path;
  for (std::size_t from = 0; from <= key.size();) {
    const std::size_t end = std::min(key.find('.', from), key.size());
    const std::string step = key.substr(from, end - from);
    const bool index = !step.empty() && step.find_first_not_of("0123456789") == std::string::npos;
    path += index ? "[" + step + "]" : (path.empty() ? "" : ".") + step;
    from = end + 1;
  }
  return path;
}

bool is_read(std::string_view section) { return find_runner_key(section) != nullptr; }

// The path of a key below a section that is read: "train_cfg.max_epochs", and its last step.
struct ReadKey {
  std::string path = {};
  std::string name = {};
};

void collect_keys(const Value& value, const std::string& path, std::vector<ReadKey>& keys) {
  if (!value.is_dict()) return;
  for (const Dict::Entry& entry : value.dict().entries()) {
    const std::string inner = path + "." + entry.key.text;
    keys.push_back({inner, entry.key.text});
    collect_keys(entry.value, inner, keys);
  }
}

// The paths of the keys of this name, or of the name that is nearest to it.
std::vector<std::string> read_paths(const Value& root, const std::string& name) {
  std::vector<ReadKey> keys;
  for (const Dict::Entry& entry : root.dict().entries()) {
    if (is_read(entry.key.text)) collect_keys(entry.value, entry.key.text, keys);
  }
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const ReadKey& key : keys) names.push_back(key.name);
  const bool known = std::find(names.begin(), names.end(), name) != names.end();
  const std::string meant = known ? name : nearest(name, names);
  std::vector<std::string> paths;
  for (const ReadKey& key : keys) {
    if (key.name == meant) paths.push_back(key.path);
  }
  return paths;
}

// The strings below `value` that begin with `text` and go on behind it.
void collect_strings(const Value& value, const std::string& text, std::vector<std::string>& found) {
  if (value.is_string() && value.string().starts_with(text)) found.push_back(value.string());
  if (value.is_sequence()) {
    for (const Value& item : value.items()) collect_strings(item, text, found);
  }
  if (!value.is_dict()) return;
  for (const Dict::Entry& entry : value.dict().entries()) collect_strings(entry.value, text, found);
}

std::vector<std::string> strings_built_from(const Value& root, const std::string& variable,
                                            const std::string& text) {
  std::vector<std::string> found;
  if (text.empty()) return found;
  for (const Dict::Entry& entry : root.dict().entries()) {
    if (entry.key.text != variable && is_read(entry.key.text))
      collect_strings(entry.value, text, found);
  }
  return found;
}

class OptionCheck {
 public:
  OptionCheck(const Config& config, const Config& before)
      : root_(config.root),
        before_(before.root),
        follow_(propagated_names(config.root)),
        findings_(check(config, builtin())) {}

  // Empty if the option has an effect.
  std::string warning_of(const std::string& option) const {
    const std::string key = option.substr(0, option.find('='));
    const std::string section = key.substr(0, key.find('.'));
    if (section.starts_with("tta_"))
      return option + " changes nothing: there is no test-time augmentation";
    if (is_read(section)) return warning_of_key(option, finding_path(key));
    if (before_.find(section) == nullptr) return warning_of_unknown(option, key, section);
    return warning_of_variable(option, key, section);
  }

 private:
  std::string warning_of_key(const std::string& option, const std::string& path) const {
    for (const Finding& finding : findings_) {
      const std::string& verdict = finding.verdict;
      const bool unknown = verdict.ends_with("has no such key") ||
                           verdict.find(" has no key '") != std::string::npos;
      if (finding.key != path || !(unknown || verdict.starts_with("ignored: "))) continue;
      return option + " changes nothing: " + verdict.substr(verdict.find(": ") + 2);
    }
    return "";
  }

  std::string warning_of_unknown(const std::string& option, const std::string& key,
                                 const std::string& section) const {
    std::string text = option + " changes nothing: nothing reads '" + section + "'";
    if (const auto replacement = replacement_of(root_, section)) {
      return text + "; it is of the generation before mmengine, " + std::string(*replacement) +
             " replaces it";
    }
    std::vector<std::string> names = runner_key_names();
    for (const std::string& name : before_.dict().keys()) names.push_back(name);
    const std::string near = nearest(section, names);
    if (!near.empty()) return text + "; did you mean '" + near + "'?";
    return text + hint_of_path(key);
  }

  std::string hint_of_path(const std::string& key) const {
    const std::string last = key.substr(key.rfind('.') + 1);
    const std::vector<std::string> paths = read_paths(before_, last);
    return paths.empty() ? "" : "; did you mean " + joined(paths, 3) + "?";
  }

  std::string warning_of_variable(const std::string& option, const std::string& key,
                                  const std::string& section) const {
    const Value& old = *before_.find(section);
    const std::string text = old.is_string() ? old.string() : "";
    const std::vector<std::string> built = strings_built_from(before_, section, text);
    const bool follows = std::find(follow_.begin(), follow_.end(), section) != follow_.end();
    const std::string slash = lost_slash(section, text, built);
    if (follows) return slash.empty() ? "" : option + ": " + slash;
    std::string warning =
        option + " changes nothing: the config has used the variable '" + section + "' already";
    if (built.empty()) return warning + hint_of_path(key);
    warning += fmt::format("; with pinfeed.follow=[{}] the {} that begin{} with '{}' follow{} it",
                           section, built.size() == 1 ? "str" : "strs",
                           built.size() == 1 ? "s" : "", text, built.size() == 1 ? "s" : "");
    return slash.empty() ? warning : warning + "; " + slash;
  }

  std::string lost_slash(const std::string& section, const std::string& old,
                         const std::vector<std::string>& built) const {
    const Value* now = root_.find(section);
    const bool lost = old.ends_with('/') && now != nullptr && now->is_string() &&
                      !now->string().empty() && !now->string().ends_with('/');
    if (!lost || built.empty()) return "";
    const auto longer = std::find_if(built.begin(), built.end(), [&](const std::string& one) {
      return one.size() > old.size();
    });
    if (longer == built.end()) return "";
    return fmt::format("'{0}' has no slash at its end, unlike '{1}': '{2}' becomes '{0}{3}'",
                       now->string(), old, *longer, longer->substr(old.size()));
  }

  const Value& root_;
  const Value& before_;
  std::vector<std::string> follow_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<std::string> option_warnings(const Config& config, const Config& before,
                                         const std::vector<std::string>& options) {
  std::vector<std::string> warnings;
  if (options.empty()) return warnings;
  const OptionCheck options_of(config, before);
  for (const std::string& option : options) {
    std::string warning = options_of.warning_of(option);
    if (!warning.empty()) warnings.push_back("--cfg-options " + warning);
  }
  return warnings;
}

}  // namespace pinfeed::cli
