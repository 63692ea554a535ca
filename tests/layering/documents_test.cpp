// SPDX-License-Identifier: Apache-2.0
// The code that the documents show is the code of the examples that tests compile: a block of C++
// below a link to a file of examples/ is, line by line, a part of this file.
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "tests/layering/source_files.h"

namespace pinfeed::layering {
namespace {

struct CodeBlock {
  std::size_t line = 0;      // of its first line
  std::string example = {};  // the last file of examples/ that the text before it links
  std::string text = {};
};

std::vector<CodeBlock> code_blocks(const std::string& document) {
  static const std::regex link(R"(\]\(\.\./(examples/[a-z_/]+\.cpp)\))");
  std::vector<CodeBlock> blocks;
  std::string example;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(document)) {
    ++number;
    std::smatch found;
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += line + "\n";
    } else if (line == "```cpp") {
      inside = true;
      blocks.push_back({.line = number + 1, .example = example});
    } else if (std::regex_search(line, found, link)) {
      example = found[1];
    } else if (line.starts_with("#")) {
      example.clear();
    }
  }
  return blocks;
}

std::vector<std::string> outdated_blocks(const SourceFile& document) {
  std::vector<std::string> outdated;
  for (const CodeBlock& block : code_blocks(document.text)) {
    if (block.example.empty()) continue;
    const std::string source = content(std::filesystem::path(PINFEED_SOURCE_DIR) / block.example);
    if (source.find(block.text) == std::string::npos)
      outdated.push_back(at(document, block.line) + "this is not in " + block.example);
  }
  return outdated;
}

TEST(Documents, ShowTheCodeOfTheExamples) {
  std::vector<std::string> outdated;
  std::size_t blocks = 0;
  for (const SourceFile& document : files_below("docs", {".md"})) {
    for (const std::string& finding : outdated_blocks(document)) outdated.push_back(finding);
    for (const CodeBlock& block : code_blocks(document.text))
      blocks += block.example.empty() ? 0U : 1U;
  }
  EXPECT_EQ(listed(outdated), "");
  EXPECT_GE(blocks, 4U);
}

TEST(Documents, AnOutdatedBlockIsNamed) {
  const SourceFile document = {
      "docs"
      "/x.md",
      "[a](../examples/schedule/main.cpp)\n```cpp\nint mine = 0;\n```\n# B\n```cpp\n```\n"};
  EXPECT_EQ(listed(outdated_blocks(document)),
            "docs"
            "/x.md:3: this is not in examples/schedule/main.cpp\n");
}

}  // namespace
}  // namespace pinfeed::layering
