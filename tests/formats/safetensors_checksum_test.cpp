// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors_checksum.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_content(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class SafetensorsWithChecksum : public testing::Test {
 protected:
  void SetUp() override {
    Tensor tensor = Tensor::empty(DType::int64, {3});
    for (std::int64_t i = 0; i < 3; ++i) tensor.data_as<std::int64_t>()[i] = 7 * i;
    write_safetensors(path_, {.tensors = {{"a", tensor}},
                              .metadata = {{"note", "it says \"xxh3_128\":\"0\""}},
                              .checksum = true});
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "w.safetensors";
};

TEST_F(SafetensorsWithChecksum, IsReadWithoutIt) {
  const SafetensorsFile file = read_safetensors(path_);
  EXPECT_TRUE(file.checksum);
  ASSERT_EQ(file.metadata.size(), 1U);
  EXPECT_EQ(file.metadata[0].first, "note");
  EXPECT_EQ(file.find("a")->data_as<std::int64_t>()[2], 14);
}

TEST_F(SafetensorsWithChecksum, IsRefusedAfterAnyFlippedBitOrMissingByte) {
  const std::string good = content(path_);
  const std::size_t key = good.find(checksum_key);
  for (std::size_t i = 0; i < good.size(); ++i) {
    // Without the key, the file has no checksum; nothing else can have changed.
    if (i >= key && i < key + checksum_key.size()) continue;
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    write_content(path_, bad);
    EXPECT_THROW(read_safetensors(path_), Error) << "byte " << i;
    write_content(path_, good.substr(0, i));
    EXPECT_THROW(read_safetensors(path_), Error) << "cut to " << i << " bytes";
  }
}

TEST_F(SafetensorsWithChecksum, NamesTheFileAndWhatToDoWithAChangedOne) {
  std::string bad = content(path_);
  bad.back() = 'x';
  write_content(path_, bad);
  try {
    read_safetensors(path_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: the checksum is wrong: the file is damaged\n"
              "  while reading " +
                  path_ +
                  "\n"
                  "help: if another program has changed it on purpose, remove 'xxh3_128' from its "
                  "metadata\n");
  }
  EXPECT_EQ(read_safetensors(path_, Verify::nothing).tensors.size(), 1U);
}

TEST_F(SafetensorsWithChecksum, GetsANewOneWhenItIsWrittenAgain) {
  SafetensorsFile file = read_safetensors(path_);
  file.metadata.emplace_back("more", "text");
  const std::string copy = folder_ / "copy.safetensors";
  write_safetensors(copy, file);
  EXPECT_TRUE(read_safetensors(copy).checksum);
}

}  // namespace
}  // namespace pinfeed
