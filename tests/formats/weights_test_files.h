// SPDX-License-Identifier: Apache-2.0
// The checkpoints of tests/golden/pth are written by PyTorch (tools/golden/pth_files.py).
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/weights_file.h"

namespace pinfeed {

inline std::string golden_checkpoint(const std::string& name) {
  return std::string(PINFEED_SOURCE_DIR) + "/tests/golden/pth/" + name;
}

inline std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A file of this test's own.
class WeightsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / (std::string("pinfeed_weights_") + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& bytes) const {
    const std::string path = folder_ / "file.pth";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string path(const std::string& name) const { return folder_ / name; }
  // The message for these bytes; "" if they can be read.
  std::string message(const std::string& bytes) const {
    try {
      read_weights_file(write(bytes), VerifyChecksums::yes);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
      return error.what();
    }
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace pinfeed
