// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors_spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

class SafetensorsSpoolTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }
  std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TemporaryFolder folder_;
};

Tensor counted(DType dtype, const Shape& shape) {
  Tensor tensor = Tensor::empty(dtype, shape);
  for (std::size_t i = 0; i < tensor.bytes(); ++i) tensor.data()[i] = static_cast<std::byte>(i);
  return tensor;
}

TEST_F(SafetensorsSpoolTest, WritesTheSameFileInPieces) {
  Tensor transposed = counted(DType::float32, {4, 6});
  transposed.shape = {6, 4};
  transposed.strides = {1, 6};
  const SafetensorsFile whole{.tensors = {{"a", counted(DType::uint8, {7, 3})},
                                          {"b", transposed},
                                          {"c", counted(DType::int64, {0})},
                                          {"d", counted(DType::uint8, {100000})}},
                              .metadata = {{"k", "text"}}};
  write_safetensors(path("whole"), whole);
  SafetensorsSpool spool(path("pieces"));
  for (const auto& [name, tensor] : whole.tensors) spool.add(name, tensor);
  for (const auto& [name, text] : whole.metadata) spool.add_text(name, text);
  spool.finish();
  EXPECT_EQ(bytes_of("pieces"), bytes_of("whole"));
}

TEST_F(SafetensorsSpoolTest, LeavesNothingBehindUnlessItIsFinished) {
  {
    SafetensorsSpool spool(path("a"));
    spool.add("a", counted(DType::uint8, {1000000}));
  }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(SafetensorsSpoolTest, WritesAFileWithoutTensors) {
  SafetensorsSpool spool(path("a"));
  spool.finish();
  EXPECT_TRUE(read_safetensors(path("a")).tensors.empty());
}

}  // namespace
}  // namespace pinfeed
