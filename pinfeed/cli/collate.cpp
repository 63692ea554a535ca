// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/digest_stream.h"

namespace pinfeed::cli {
namespace {

struct CollateArguments {
  std::string first = {};
  std::string second = {};
};

// A description of the first difference, or empty.
std::string compared(const CollateArguments& names, const std::vector<DigestLine>& a,
                     const std::vector<DigestLine>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    std::string found = difference(a[i], b[i], i + 1, names.first, names.second);
    if (!found.empty()) return found;
  }
  if (a.size() > common) return ending(a[common], names.first, names.second, common);
  if (b.size() > common) return ending(b[common], names.second, names.first, common);
  return "";
}

void run(const CollateArguments& arguments) {
  const std::vector<DigestLine> a = read_digests(arguments.first);
  const std::vector<DigestLine> b = read_digests(arguments.second);
  const std::string found = compared(arguments, a, b);
  if (found.empty()) return print(fmt::format("equal: {} batches", a.size()));
  print(found);
  throw Exit{1};
}

}  // namespace

void add_collate(CLI::App& app) {
  auto arguments = std::make_shared<CollateArguments>();
  CLI::App* command =
      app.add_subcommand("collate", "compares two files of digests; exits with 1 if they differ");
  command->add_option("A", arguments->first, "output of 'pinfeed batches --hash'")->required();
  command->add_option("B", arguments->second, "the output of another run")->required();
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
