// SPDX-License-Identifier: Apache-2.0
// Checkpoints that are damaged, of another kind, or written to harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/formats/weights/zip_records.h"
#include "tests/formats/weights_test_files.h"

namespace pinfeed {
namespace {

using testing::HasSubstr;
using DamagedWeights = WeightsTest;

TEST_F(DamagedWeights, OfATorchScriptArchiveAreRefusedByName) {
  EXPECT_THAT(message(bytes_of_file(golden_checkpoint("script.pt"))), HasSubstr("TorchScript"));
}

TEST_F(DamagedWeights, OfOtherFilesAreRefused) {
  EXPECT_THAT(message(""), HasSubstr("file.pth"));
  EXPECT_THAT(message("<html>not found</html>"), HasSubstr("not a checkpoint"));
  EXPECT_THAT(message("PK\x03\x04 and no directory, whatever follows here"),
              HasSubstr("its directory is missing"));
  EXPECT_EQ(message(std::string("\x80\x02}q\x00.", 6)), "");  // an empty dict
  EXPECT_THAT(message(std::string(257, '\0') + "ustar  " + std::string(300, '\0')),
              HasSubstr("before 0.1.10"));
}

TEST_F(DamagedWeights, ThatAreCutAnywhereAreRefused) {
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    const std::string whole = bytes_of_file(golden_checkpoint(name));
    for (std::size_t size = 0; size < whole.size(); size += 29) {
      EXPECT_NE(message(whole.substr(0, size)), "") << name << " cut to " << size;
    }
  }
}

TEST_F(DamagedWeights, WithAFlippedBitAreFoundByTheirChecksum) {
  std::string bytes = bytes_of_file(golden_checkpoint("zip.pth"));
  const std::size_t at = bytes.find(std::string("\x00\x00\x00\x00\x00\x00\x80\x3f", 8));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 6] = static_cast<char>(bytes[at + 6] ^ 1);
  EXPECT_THAT(message(bytes), HasSubstr("checksum"));
  EXPECT_NO_THROW(read_weights_file(write(bytes)));
}

// A pickle of protocol 2 that calls a function.
std::string calling(const std::string& module, const std::string& name) {
  return "\x80\x02"
         "c" +
         module + "\n" + name + "\nX\x02" + std::string(3, '\0') + "id\x85R.";
}

TEST_F(DamagedWeights, ThatCallHarmfulFunctionsAreRefusedByName) {
  for (const auto& [module, name] :
       std::vector<std::pair<std::string, std::string>>{{"os", "system"},
                                                        {"posix", "system"},
                                                        {"subprocess", "Popen"},
                                                        {"__builtin__", "eval"},
                                                        {"builtins", "exec"},
                                                        {"runpy", "run_path"},
                                                        {"os.path", "exists"}}) {
    EXPECT_THAT(message(calling(module, name)), HasSubstr("would call")) << module << name;
  }
  EXPECT_EQ(message(calling("some.package", "function")), "");
  EXPECT_EQ(message(calling("builtins", "getattr")), "");
}

TEST_F(DamagedWeights, WhoseTensorReachesBeyondItsStorageAreRefused) {
  const std::string whole = bytes_of_file(golden_checkpoint("state_only.pth"));
  // The shape (2, 3) of the first tensor: K\x02K\x03\x86.
  const std::size_t at = whole.find("K\x02K\x03\x86");
  ASSERT_NE(at, std::string::npos);
  std::string bytes = whole;
  bytes[at + 1] = 100;
  EXPECT_NE(message(bytes), "");
  WeightsFile file;
  try {
    file = read_weights_file(write(bytes));
    ADD_FAILURE() << "a shape beyond its storage was read";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("reaches beyond"));
  }
}

// Values that contain each other: 60 lists, each with the one before twice, have 2^60 leaves.
TEST_F(DamagedWeights, WhoseValuesRepeatWithoutEndAreRefused) {
  std::string bytes = "\x80\x02]q";
  bytes += '\0';
  for (char i = 1; i < 60; ++i) {
    bytes += "](h";
    bytes += static_cast<char>(i - 1);
    bytes += 'h';
    bytes += static_cast<char>(i - 1);
    bytes += "eq";
    bytes += i;
  }
  EXPECT_THAT(message(bytes + "."), HasSubstr("too often"));
  EXPECT_THAT(message(std::string("\x80\x02]q\0h\0a.", 9)), HasSubstr("too often"));
}

TEST_F(DamagedWeights, WithMoreValuesThanTheFileCanHaveAreRefused) {
  std::string bytes = "\x80\x02";
  bytes.append(4'000'000, ']');
  EXPECT_THAT(message(bytes + "."), HasSubstr("too many"));
}

// Whatever is changed, a file is read or refused with an Error of kind data.
TEST_F(DamagedWeights, WithRandomDamageAreReadOrRefused) {
  std::mt19937 random(7);
  int read = 0;
  int refused = 0;
  for (const char* name : {"zip.pth", "legacy.pth", "arrays_protocol2.pkl", "untyped.pth"}) {
    const std::string whole = bytes_of_file(golden_checkpoint(name));
    for (int i = 0; i < 200; ++i) {
      std::string bytes = whole;
      const std::size_t changes = 1 + random() % 4;
      for (std::size_t k = 0; k < changes; ++k) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      try {
        const WeightsFile file = read_weights_file(write(bytes));
        for (const auto& [path, tensor] : file.weights) contiguous(tensor);
        ++read;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(read, 50);
  EXPECT_GT(refused, 100);
}

TEST(ZipRecords, OfAGoodArchiveMatchTheirChecksums) {
  const std::string bytes = bytes_of_file(golden_checkpoint("zip.pth"));
  const auto span = std::as_bytes(std::span(bytes));
  const std::vector<ZipRecord> records = read_zip(span);
  EXPECT_GT(records.size(), 10U);
  EXPECT_NO_THROW(verify_zip(span, records));
}

// The first record, made 5000 bytes longer, reaches into the one behind it.
TEST_F(DamagedWeights, WhoseRecordsOverlapAreRefused) {
  std::string bytes = bytes_of_file(golden_checkpoint("zip.pth"));
  const std::size_t entry = bytes.find("PK\x01\x02");
  ASSERT_NE(entry, std::string::npos);
  for (const std::size_t field : {entry + 20, entry + 24}) {
    const auto low = static_cast<unsigned char>(bytes[field]);
    const auto high = static_cast<unsigned char>(bytes[field + 1]);
    const unsigned longer = low + 256U * high + 200U;
    bytes[field] = static_cast<char>(longer & 0xFFU);
    bytes[field + 1] = static_cast<char>(longer >> 8U & 0xFFU);
  }
  EXPECT_THAT(message(bytes), HasSubstr("overlap"));
}

// Texts of protocol 2: the opcode X, 4 bytes of length, the characters.
std::string pickled_text(const std::string& text) {
  return "X" + std::string(1, static_cast<char>(text.size())) + std::string(3, '\0') + text;
}

TEST_F(DamagedWeights, WithAPersistentIdWithoutItsObjectAreRefused) {
  EXPECT_THAT(message("\x80\x02" + pickled_text("module") + "\x85Q."),
              HasSubstr("too few arguments"));
}

TEST_F(DamagedWeights, WhoseTensorIsRebuiltByItsOwnFunctionAreRefused) {
  const std::string function = "ctorch._tensor\n_rebuild_from_type_v2\n";
  EXPECT_THAT(message("\x80\x02" + function + "(" + function + "N)tR."),
              HasSubstr("rebuilt by the function"));
}

}  // namespace
}  // namespace pinfeed
