// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/part_groups.h"
#include "pinfeed/data/loader/plugins.h"

namespace pinfeed::cli {
namespace {

// All groups, or the one of this kind; "transform" and "transforms" mean the same.
std::vector<PartGroup> chosen_groups(const std::string& kind, const Catalogs& catalogs) {
  std::vector<PartGroup> groups = all_part_groups(catalogs);
  if (kind.empty()) return groups;
  std::vector<std::string> kinds;
  for (const PartGroup& group : groups) {
    if (group.kind == kind || group.kind + "s" == kind) return {group};
    kinds.push_back(group.kind);
  }
  const std::string near = nearest(kind, kinds);
  const std::string guess = near.empty() ? "" : "did you mean '" + near + "'? ";
  throw Error(ErrorKind::config, "there is no kind of part '" + kind + "'")
      .help(guess + "the kinds are " + joined(kinds));
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
  std::string kind = {};
  std::vector<std::string> plugins = {};
  bool markdown = false;
};

void run(const ListArguments& arguments) {
  const bool markdown = arguments.markdown;
  const std::vector<PartGroup> groups =
      chosen_groups(arguments.kind, builtin_and(arguments.plugins));
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
  command->add_option(
      "kind", arguments->kind,
      "a kind of part: transform, dataset, sampler, collate, scheduler, model, ...");
  command->add_flag("--markdown", arguments->markdown, "print a page of documentation");
  add_plugin_option(*command, arguments->plugins);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
