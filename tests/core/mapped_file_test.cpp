// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/mapped_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

std::string read_back(const MappedFile& file, std::size_t offset, std::size_t size) {
  std::string text(size, '\0');
  file.read(file.bytes().data() + offset, std::as_writable_bytes(std::span(text)));
  return text;
}

TEST(MappedFile, IsReadAsItIsMapped) {
  const test::TemporaryFolder folder;
  const MappedFile file(folder.write("a.bin", "some bytes"), ErrorKind::data);
  ASSERT_EQ(file.bytes().size, 10U);
  EXPECT_EQ(std::memcmp(file.bytes().data(), "some bytes", 10), 0);
  EXPECT_EQ(read_back(file, 5, 5), "bytes");
  EXPECT_EQ(read_back(MappedFile(file), 0, 4), "some");
}

TEST(MappedFile, ContainsItsOwnBytesOnly) {
  const test::TemporaryFolder folder;
  const MappedFile file(folder.write("a.bin", "some bytes"), ErrorKind::data);
  const std::byte other{};
  EXPECT_TRUE(file.contains(file.bytes().data()));
  EXPECT_TRUE(file.contains(file.bytes().data() + 9));
  EXPECT_FALSE(file.contains(file.bytes().data() + 10));
  EXPECT_FALSE(file.contains(&other));
  EXPECT_FALSE(MappedFile().contains(&other));
  EXPECT_FALSE(MappedFile(folder.write("empty", ""), ErrorKind::data).contains(&other));
}

// An access to its mapping would end the process.
TEST(MappedFile, ThatBecameShorterIsAnError) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("a.bin", std::string(100000, 'x'));
  const MappedFile file(path, ErrorKind::data);
  std::filesystem::resize_file(path, 50000);
  EXPECT_EQ(read_back(file, 0, 50000), std::string(50000, 'x'));
  try {
    read_back(file, 40000, 20000);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(), "error: " + path + " became shorter while it was read\n");
  }
}

}  // namespace
}  // namespace pinfeed
