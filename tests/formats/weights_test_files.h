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
#include "tests/temporary_folder.h"

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
  std::string write(const std::string& bytes) const { return folder_.write("file.pth", bytes); }
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
  test::TemporaryFolder folder_;
};

}  // namespace pinfeed
