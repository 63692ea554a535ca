// SPDX-License-Identifier: Apache-2.0
// The commands that the documents name exist, with the options that they name.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <sstream>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

// The pages for users; docs/specs and CHANGELOG.md describe other programs and former versions.
std::vector<std::string> pages() {
  const std::filesystem::path root = PINFEED_SOURCE_DIR;
  std::vector<std::string> paths = {root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") paths.push_back(entry.path());
  return paths;
}

std::string help_of(const std::string& command) {
  static std::map<std::string, std::string> known;
  const auto found = known.find(command);
  if (found != known.end()) return found->second;
  const TemporaryFolder folder;
  const Outcome outcome = program({command, "--help"}, folder.path());
  return known[command] = outcome.code == 0 ? outcome.out : "";
}

// What is wrong with the commands of a line: "pinfeed lr --epoch: no such option". Outside of
// blocks of code a command is in backquotes; "pinfeed reads" is prose.
void check_line(const std::string& line, bool in_block, std::vector<std::string>& wrong) {
  static const std::regex use(R"((?:^|[`/ ])pinfeed ([a-z]+(?:-[a-z]+)*)([^`#|]*))");
  static const std::regex option(R"( (--[a-z-]+))");
  for (std::sregex_iterator found(line.begin(), line.end(), use), end; found != end; ++found) {
    const std::string command = (*found)[1];
    const std::string text = (*found)[0];
    const bool starts_line = found->position() == 0 || text.starts_with("/");
    if (!text.starts_with("`") && !(in_block && starts_line)) continue;
    const std::string help = help_of(command);
    if (help.empty()) wrong.push_back("pinfeed " + command + ": no such command");
    const std::string rest = (*found)[2];
    for (std::sregex_iterator one(rest.begin(), rest.end(), option); one != end; ++one) {
      const std::string name = (*one)[1];
      if (!std::regex_search(help, std::regex(name + "\\b")))
        wrong.push_back("pinfeed " + command + " " + name + ": no such option");
    }
  }
}

TEST(Documents, NameCommandsAndOptionsThatExist) {
  for (const std::string& path : pages()) {
    std::vector<std::string> wrong;
    std::istringstream text(read_text(path, ErrorKind::data));
    bool in_block = false;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("```")) in_block = !in_block;
      check_line(line, in_block, wrong);
    }
    for (const std::string& finding : wrong) ADD_FAILURE() << path << ": " << finding;
  }
  std::vector<std::string> wrong;
  check_line("`pinfeed learn`, `pinfeed lr C --epochs 3`, and pinfeed reads files", false, wrong);
  check_line("pinfeed reads files", false, wrong);
  check_line("build/release/pinfeed lr C --plots F", true, wrong);
  EXPECT_EQ(wrong, (std::vector<std::string>{"pinfeed learn: no such command",
                                             "pinfeed lr --epochs: no such option",
                                             "pinfeed lr --plots: no such option"}));
}

}  // namespace
}  // namespace pinfeed::test
