// SPDX-License-Identifier: Apache-2.0
// A reference such as "docs/specs/openmmlab-data.md, 4.3, 4.13" or "..., 2.1 to 2.3 and 6" names
// headings that exist.
//
// A reference may continue on the next line of a comment. Therefore the marks of comments are
// removed first and the lines are joined; the position in the joined text gives the line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/layering/source_files.h"

namespace pinfeed::layering {
namespace {

// The numbers of the headings of each file: {"openmmlab-data.md": {"4", "4.3"}}.
using Headings = std::map<std::string, std::set<std::string>>;

std::set<std::string> numbers_of_headings(const std::string& text) {
  static const std::regex pattern(R"(^#+ ([0-9]+(\.[0-9]+)*)\.? )");
  std::set<std::string> numbers;
  for (const std::string& line : lines_of(text)) {
    std::smatch match;
    if (std::regex_search(line, match, pattern)) numbers.insert(match[1]);
  }
  return numbers;
}

Headings headings_of_specifications() {
  Headings headings;
  for (const SourceFile& file : files_below("docs/specs", {".md"})) {
    headings[file.path.substr(file.path.rfind('/') + 1)] = numbers_of_headings(file.text);
  }
  return headings;
}

// The lines without marks of comments, joined by spaces, and where each line begins.
struct JoinedText {
  std::string text;
  std::vector<std::size_t> begins;

  std::size_t line_of(std::size_t position) const {
    const auto next = std::upper_bound(begins.begin(), begins.end(), position);
    return static_cast<std::size_t>(next - begins.begin());
  }
};

JoinedText joined_without_marks(const std::string& text) {
  JoinedText joined;
  for (const std::string& line : lines_of(text)) {
    joined.begins.push_back(joined.text.size());
    const std::size_t begin = line.find_first_not_of(" \t/#*");
    if (begin != std::string::npos) joined.text += line.substr(begin);
    joined.text += ' ';
  }
  return joined;
}

std::vector<std::string> wrong_references(const std::vector<SourceFile>& files,
                                          const Headings& headings) {
  static const std::regex reference(
      R"(docs/specs/([A-Za-z0-9_-]+\.md)((,| and|, and| to) [0-9]+(\.[0-9]+)*\b)*)");
  static const std::regex number(R"([0-9]+(\.[0-9]+)*\b)");
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    const JoinedText joined = joined_without_marks(file.text);
    const std::sregex_iterator end;
    for (std::sregex_iterator found(joined.text.begin(), joined.text.end(), reference);
         found != end; ++found) {
      const std::string name = (*found)[1];
      const std::string prefix =
          at(file, joined.line_of(static_cast<std::size_t>(found->position())));
      if (!headings.contains(name)) {
        wrong.push_back(prefix + "there is no docs/specs/" + name);
        continue;
      }
      const std::string numbers =
          found->str().substr(std::string("docs/specs/").size() + name.size());
      if (numbers.empty()) wrong.push_back(prefix + "docs/specs/" + name + " without a heading");
      for (std::sregex_iterator one(numbers.begin(), numbers.end(), number); one != end; ++one) {
        if (headings.at(name).contains(one->str())) continue;
        wrong.push_back(prefix + "docs/specs/" + name + " has no heading " + one->str());
      }
    }
  }
  return wrong;
}

TEST(References, ToSpecificationsNameHeadingsThatExist) {
  const Headings headings = headings_of_specifications();
  ASSERT_TRUE(headings.contains("openmmlab-data.md"));
  ASSERT_TRUE(headings.at("openmmlab-data.md").contains("4.3"));
  for (const char* folder : {"pinfeed", "tests", "tools", "bench", "examples"}) {
    EXPECT_EQ(listed(wrong_references(files_below(folder, {".h", ".cpp", ".cu", ".py", ".sh"}),
                                      headings)),
              "");
  }
}

std::vector<std::string> missing_documents(const std::vector<SourceFile>& files) {
  static const std::regex document(R"(\bdocs/[A-Za-z0-9_/-]+\.md)");
  std::vector<std::string> missing;
  for (const SourceFile& file : files) {
    const JoinedText joined = joined_without_marks(file.text);
    const std::sregex_iterator end;
    for (std::sregex_iterator found(joined.text.begin(), joined.text.end(), document); found != end;
         ++found) {
      if (std::filesystem::exists(std::filesystem::path(PINFEED_SOURCE_DIR) / found->str()))
        continue;
      const std::size_t line = joined.line_of(static_cast<std::size_t>(found->position()));
      missing.push_back(at(file, line) + "there is no " + found->str());
    }
  }
  return missing;
}

TEST(References, ToDocumentsNameFilesThatExist) {
  for (const char* folder :
       {"pinfeed", "tests", "tools", "bench", "examples", "configs", "cmake"}) {
    EXPECT_EQ(
        listed(missing_documents(files_below(folder, {".h", ".cpp", ".cu", ".py", ".cmake"}))), "");
  }
}

TEST(References, AWrongReferenceIsNamedWithFileAndLine) {
  const std::string specs = std::string("docs") + "/specs/";  // not a reference of this file
  const Headings headings = {{"a.md", numbers_of_headings("# A\n## 4. B\n### 4.3 C\n## 6. D\n")}};
  EXPECT_THAT(
      wrong_references({{"x.cpp", "int x;\n// (" + specs + "a.md,\n// 4.3 and 5).\n"},
                        {"y.py", "# " + specs + "a.md, 4 to 6, and 224 images\n"},
                        {"z.h", "/// See " + specs + "b.md, 1.\n/// And " + specs + "a.md.\n"}},
                       headings),
      testing::ElementsAre("x.cpp:2: " + specs + "a.md has no heading 5",
                           "y.py:1: " + specs + "a.md has no heading 224",
                           "z.h:1: there is no " + specs + "b.md",
                           "z.h:2: " + specs + "a.md without a heading"));
}

}  // namespace
}  // namespace pinfeed::layering
