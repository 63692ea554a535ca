// SPDX-License-Identifier: Apache-2.0
// tests/golden/config/errors.txt: broken configs and the message of each.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

struct Broken {
  std::string text;
  std::string message;
};

std::vector<Broken> all_broken() {
  std::ifstream file(PINFEED_SOURCE_DIR "/tests/golden/config/errors.txt");
  std::vector<Broken> all;
  std::string line;
  std::getline(file, line);  // the note
  bool in_text = false;
  while (std::getline(file, line)) {
    const bool text = line.starts_with("> ") || line == ">";
    if (text && !in_text) all.emplace_back();
    if (text) all.back().text += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
    if (!text && !line.empty()) all.back().message += line + "\n";
    in_text = text;
  }
  return all;
}

std::string message_of(const std::string& text) {
  try {
    return repr(read_config_text(text, "a.py").root);
  } catch (const Error& error) {
    return error.message();
  }
}

// In a line of its own, or in words that give the right kind.
bool says_what_is_right(const std::string& message) {
  for (const char* word : {"\nhelp: ", "; write ", " must be ", " needs a "}) {
    if (message.find(word) != std::string::npos) return true;
  }
  return false;
}

TEST(BrokenConfigs, EachMessageHasHelp) {
  for (const Broken& broken : all_broken()) {
    EXPECT_TRUE(says_what_is_right(broken.message)) << broken.message;
  }
}

TEST(BrokenConfigs, EachGetsItsMessage) {
  ::unsetenv("PINFEED_NOT_SET");
  const std::vector<Broken> all = all_broken();
  ASSERT_GT(all.size(), 100U);
  for (const Broken& broken : all)
    EXPECT_EQ(message_of(broken.text), broken.message) << broken.text;
}

TEST(BrokenConfigs, TextOfTheConfigDoesNotChangeTheHelp) {
  EXPECT_EQ(message_of("x = {'a': 1}[\"it's on strings\"]\n"),
            "error: the dict has no key \"it's on strings\"\n"
            "  --> a.py:1:13\n"
            "   | x = {'a': 1}[\"it's on strings\"]\n"
            "   |             ^^^^^^^^^^^^^^^^^^^\n"
            "help: its keys are a\n");
  EXPECT_EQ(message_of("x = [1][\"what it holds isn't division by zero\"]\n"),
            "error: an index must be int, not str \"what it holds isn't division by zero\"\n"
            "  --> a.py:1:8\n"
            "   | x = [1][\"what it holds isn't division by zero\"]\n"
            "   |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n");
}

}  // namespace
}  // namespace pinfeed
