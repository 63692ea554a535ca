// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/inspect/part_groups.h"

namespace pinfeed::cli {
namespace {

// The name of a part without a scope: "mmdet.Resize".
std::string without_scope(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// The part of this name in each group that has one.
std::vector<PartGroup> groups_with(const std::string& part, const std::vector<PartGroup>& groups) {
  std::vector<PartGroup> found;
  for (const PartGroup& group : groups) {
    for (const PartDoc& doc : group.parts) {
      if (doc.name == part) found.push_back({group.kind, {doc}});
    }
  }
  return found;
}

Error unknown_name(const std::string& name, const std::vector<PartGroup>& groups) {
  std::vector<std::string> kinds;
  kinds.reserve(groups.size());
  for (const PartGroup& group : groups) kinds.push_back(group.kind);
  std::vector<std::string> names = kinds;
  for (const PartGroup& group : groups) {
    for (const PartDoc& doc : group.parts) names.push_back(doc.name);
  }
  const std::string near = nearest(name, names);
  const std::string guess = near.empty() ? "" : "did you mean '" + near + "'? ";
  Error error(ErrorKind::config, "there is no part and no kind of part '" + name + "'");
  error.help(guess + "the kinds are " + joined(kinds));
  return error;
}

// The group of this kind, or those with the part of this name; all of them for "all". "transform"
// and "transforms" mean the same.
std::vector<PartGroup> chosen_groups(const std::string& name, const Catalogs& catalogs) {
  std::vector<PartGroup> groups = all_part_groups(catalogs);
  if (name == "all") return groups;
  for (const PartGroup& group : groups) {
    if (group.kind == name || group.kind + "s" == name) return {group};
  }
  std::vector<PartGroup> found = groups_with(without_scope(name), groups);
  if (found.empty()) throw unknown_name(name, groups);
  return found;
}

void print_kinds(const Catalogs& catalogs) {
  for (const PartGroup& group : all_part_groups(catalogs))
    print(fmt::format("{:<14}{:>3} {}", group.kind, group.parts.size(),
                      group.parts.size() == 1 ? "part" : "parts"));
  say("`pinfeed list KIND` or `pinfeed list PART` shows keys, types, defaults and meanings; "
      "`pinfeed list all` shows everything");
}

std::string default_of(const KeyDoc& key) {
  if (key.use == KeyUse::refused) return "refused";
  if (key.use == KeyUse::accepted) return "accepted";
  return key.default_text.empty() ? "required" : key.default_text;
}

std::size_t widest(const std::vector<KeyDoc>& keys, std::string (*text)(const KeyDoc&)) {
  std::size_t width = 0;
  for (const KeyDoc& key : keys) width = std::max(width, text(key).size());
  return width;
}

void print_plain(const PartDoc& part) {
  print("  " + part.name);
  print("    " + part.summary);
  const std::size_t name = widest(part.keys, [](const KeyDoc& key) { return key.name; });
  const std::size_t type = widest(part.keys, [](const KeyDoc& key) { return key.type; });
  const std::size_t standard = widest(part.keys, default_of);
  for (const KeyDoc& key : part.keys) {
    print(fmt::format("      {:<{}}  {:<{}}  {:<{}}  {}", key.name, name, key.type, type,
                      default_of(key), standard, key.meaning));
  }
  print("");
}

// A | would end the cell of a table.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : std::string(1, c);
  return safe;
}

void print_markdown(const PartDoc& part) {
  print("### " + part.name + "\n\n" + part.summary + "\n");
  if (part.keys.empty()) return;
  print("| key | type | default | meaning |\n| --- | --- | --- | --- |");
  for (const KeyDoc& key : part.keys) {
    const bool has_default = key.use == KeyUse::used && !key.default_text.empty();
    const std::string standard = has_default ? "`" + default_of(key) + "`" : default_of(key);
    print(fmt::format("| `{}` | {} | {} | {} |", key.name, cell(key.type), cell(standard),
                      cell(key.meaning)));
  }
  print("");
}

struct ListArguments {
  std::string name = {};
  std::vector<std::string> plugins = {};
  bool markdown = false;
};

void run(const ListArguments& arguments) {
  const bool markdown = arguments.markdown;
  const Catalogs catalogs = catalogs_with(arguments.plugins);
  if (arguments.name.empty() && !markdown) return print_kinds(catalogs);
  const std::vector<PartGroup> groups =
      chosen_groups(arguments.name.empty() ? "all" : arguments.name, catalogs);
  if (markdown) print("# Parts\n\nPrinted by `pinfeed list --markdown`; do not edit.\n");
  for (const PartGroup& group : groups) {
    print(markdown ? "## " + group.kind + "\n" : group.kind);
    for (const PartDoc& part : group.parts) markdown ? print_markdown(part) : print_plain(part);
  }
}

}  // namespace

void add_list(CLI::App& app) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command =
      app.add_subcommand("list", "lists the parts that a config can name, with their keys");
  command->add_option("name", arguments->name,
                      "a kind of part (transform, dataset, ...), the name of a part, or all; "
                      "without it the kinds are listed");
  command->add_flag("--markdown", arguments->markdown,
                    "print a page of documentation, of all parts if there is no name");
  add_plugin_option(*command, arguments->plugins);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
