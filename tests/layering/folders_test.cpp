// SPDX-License-Identifier: Apache-2.0
// Rules for the folders of pinfeed/: the names of headers are unique, and each module of the top
// level has a README.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/layering/source_files.h"

namespace pinfeed::layering {
namespace {

// list.h is the list of the parts of its folder; each kind of part has one.
std::vector<std::string> repeated_names(const std::vector<SourceFile>& headers) {
  std::map<std::string, std::string> first;
  std::vector<std::string> repeated;
  for (const SourceFile& header : headers) {
    const std::string name = header.path.substr(header.path.rfind('/') + 1);
    if (name == "list.h") continue;
    const auto [known, is_new] = first.try_emplace(name, header.path);
    if (!is_new) repeated.push_back(known->second + " and " + header.path);
  }
  return repeated;
}

TEST(Folders, EachModuleOfTheTopLevelHasAShortReadme) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(PINFEED_SOURCE_DIR) / "pinfeed")) {
    if (!entry.is_directory()) continue;
    const std::size_t lines = lines_of(content(entry.path() / "README.md")).size();
    EXPECT_GT(lines, 0u) << entry.path().filename() << " has no README.md";
    EXPECT_LE(lines, 25u) << entry.path().filename();
  }
}

TEST(Folders, NoTwoHeadersHaveTheSameName) {
  EXPECT_EQ(listed(repeated_names(files_below("pinfeed", {".h"}))), "");
}

TEST(Folders, HeadersWithTheSameNameAreNamed) {
  EXPECT_THAT(repeated_names({{"pinfeed/a/x.h", ""}, {"pinfeed/a/y.h", ""}, {"pinfeed/b/x.h", ""}}),
              testing::ElementsAre("pinfeed/a/x.h and pinfeed/b/x.h"));
}

}  // namespace
}  // namespace pinfeed::layering
