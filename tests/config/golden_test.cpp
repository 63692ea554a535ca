// SPDX-License-Identifier: Apache-2.0
// What OpenMMLab's own reader makes of small configs: tools/golden/config_golden.py wrote it down.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

const std::string folder = PINFEED_SOURCE_DIR "/tests/golden/config/";

std::vector<Value> cases_of(const std::string& name) {
  return read_config(folder + name).root.find("cases")->items();
}

const std::string& text_of(const Value& value, const char* key) {
  return value.find(key)->string();
}

std::string tree(const std::string& path, ReadOptions options = {}) {
  options.keep_delete_keys = true;
  try {
    return repr(read_config(path, options).root);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::config ? "error" : error.message();
  }
}

// The templates ask for the name of the file, so the text goes through one.
std::string tree_of_text(const std::string& text) {
  const std::string path = testing::TempDir() + "/case.py";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fputs(text.c_str(), file);
  std::fclose(file);
  return tree(path);
}

TEST(GoldenConfigs, TextsMeanWhatOpenMMLabReads) {
  ::setenv("PINFEED_GOLDEN_SET", "from env", 1);
  ::setenv("PINFEED_GOLDEN_NUMBER", "12", 1);
  ::unsetenv("PINFEED_GOLDEN_UNSET");
  const std::vector<Value> cases = cases_of("language.json");
  ASSERT_GT(cases.size(), 150U);
  for (const Value& each : cases) {
    EXPECT_EQ(tree_of_text(text_of(each, "text")), text_of(each, "tree")) << text_of(each, "text");
  }
}

TEST(GoldenConfigs, FilesWithBasesAndOptionsMeanWhatOpenMMLabReads) {
  const std::vector<Value> cases = cases_of("trees.json");
  ASSERT_GT(cases.size(), 50U);
  for (const Value& each : cases) {
    ReadOptions options;
    for (const Value& option : each.find("options")->items())
      options.cfg_options.push_back(option.string());
    EXPECT_EQ(tree(folder + text_of(each, "file"), options), text_of(each, "tree")) << repr(each);
  }
}

}  // namespace
}  // namespace pinfeed
