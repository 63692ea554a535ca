// SPDX-License-Identifier: Apache-2.0
// The checkpoints of tests/golden/pth are written by PyTorch (tools/golden/pth_files.py).
#include "pinfeed/formats/weights/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/formats/weights/zip_records.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::string golden(const std::string& name) {
  return std::string(PINFEED_SOURCE_DIR) + "/tests/golden/pth/" + name;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A file of this test's own.
class Weights : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("pinfeed_weights_") + test->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

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
  fs::path folder_;
};

Tensor tensor_of(const WeightsFile& file, const std::string& name) {
  for (const auto& [other, tensor] : file.weights) {
    if (other == name) return tensor;
  }
  for (const auto& [other, tensor] : file.others) {
    if (other == name) return tensor;
  }
  throw Error(ErrorKind::bug, "no tensor " + name);
}

template <class T>
std::vector<T> values_of(const WeightsFile& file, const std::string& name) {
  const Tensor tensor = contiguous(tensor_of(file, name));
  std::vector<T> values(static_cast<std::size_t>(tensor.elements()));
  std::memcpy(values.data(), tensor.data(), tensor.bytes());
  return values;
}

std::string text_of(const std::vector<std::pair<std::string, std::string>>& list,
                    const std::string& path) {
  for (const auto& [other, text] : list) {
    if (other == path) return text;
  }
  return "no " + path;
}

void expect_state_dict(const WeightsFile& file) {
  EXPECT_EQ(file.weights.size(), 15U);
  EXPECT_THAT(values_of<float>(file, "matrix"), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(to_string(tensor_of(file, "transposed").shape), "(3, 2)");
  EXPECT_THAT(values_of<float>(file, "transposed"), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(values_of<float>(file, "tail"), ElementsAre(20, 21, 22, 23));
  EXPECT_THAT(values_of<std::uint16_t>(file, "half"), ElementsAre(0x3800, 0xC000));
  EXPECT_THAT(values_of<std::uint16_t>(file, "bfloat"), ElementsAre(0x3FC0));
  EXPECT_THAT(values_of<std::uint8_t>(file, "flags"), ElementsAre(1, 0, 1));
  EXPECT_THAT(values_of<std::uint8_t>(file, "bytes"), ElementsAre(1, 255));
  EXPECT_THAT(values_of<std::int8_t>(file, "int8"), ElementsAre(-3));
  EXPECT_THAT(values_of<std::int16_t>(file, "int16"), ElementsAre(-300));
  EXPECT_THAT(values_of<std::int32_t>(file, "int32"), ElementsAre(7));
  EXPECT_THAT(values_of<std::int64_t>(file, "steps"), ElementsAre(1234567890123));
  EXPECT_EQ(tensor_of(file, "steps").shape.rank(), 0);
  EXPECT_THAT(values_of<double>(file, "double"), ElementsAre(0.1));
  EXPECT_EQ(tensor_of(file, "complex").dtype, DType::complex64);
  EXPECT_THAT(values_of<float>(file, "parameter"), ElementsAre(1, 1));
  EXPECT_EQ(to_string(tensor_of(file, "empty").shape), "(0, 3)");
}

class GoldenWeights : public testing::TestWithParam<const char*> {};

TEST_P(GoldenWeights, AreReadWithTheStateOfTheRun) {
  const WeightsFile file = read_weights_file(golden(GetParam()), VerifyChecksums::yes);
  EXPECT_EQ(file.weights_key, "state_dict");
  expect_state_dict(file);
  EXPECT_EQ(text_of(file.values, "meta.epoch"), "3");
  EXPECT_EQ(text_of(file.values, "meta.lr"), "0.5");
  EXPECT_EQ(text_of(file.values, "meta.cfg"), R"("a = 1\n")");
  EXPECT_EQ(text_of(file.values, "meta.none"), "null");
  EXPECT_EQ(text_of(file.values, "optimizer.param_groups.0.lr"), "0.25");
  EXPECT_EQ(text_of(file.values, "scalar"), "1.5");
  EXPECT_EQ(text_of(file.opaque, "meta.args"), "argparse.Namespace");
  EXPECT_EQ(text_of(file.opaque, "message_hub.log_scalars.loss"),
            "mmengine.logging.history_buffer.HistoryBuffer");
  EXPECT_EQ(text_of(file.opaque, "dtype"), "torch.float32");
  EXPECT_THAT(values_of<double>(file, "message_hub.log_scalars.loss.history"),
              ElementsAre(0, 0.5, 1, 1.5));
  EXPECT_THAT(values_of<float>(file, "optimizer.state.0.exp_avg"), ElementsAre(1, 1, 1, 1, 1, 1));
}

INSTANTIATE_TEST_SUITE_P(Containers, GoldenWeights,
                         testing::Values("zip.pth", "zip_protocol4.pth", "legacy.pth"));

TEST_F(Weights, OfAFileThatIsAStateDict) {
  const WeightsFile file = read_weights_file(golden("state_only.pth"));
  EXPECT_EQ(file.weights_key, "");
  expect_state_dict(file);
}

TEST_F(Weights, OfUntypedStorages) {
  const WeightsFile file = read_weights_file(golden("untyped.pth"));
  EXPECT_EQ(tensor_of(file, "float8").dtype, DType::float8_e4m3fn);
  EXPECT_THAT(values_of<std::uint8_t>(file, "float8"), ElementsAre(0x38, 0xC0));
  EXPECT_THAT(values_of<std::uint16_t>(file, "uint16"), ElementsAre(65535));
}

TEST_F(Weights, OfNumpyArraysInAPlainPickle) {
  for (const char* name : {"arrays_protocol2.pkl", "arrays_protocol5.pkl"}) {
    const WeightsFile file = read_weights_file(golden(name));
    EXPECT_EQ(file.weights_key, "model");
    EXPECT_THAT(values_of<float>(file, "a"), ElementsAre(0, 1, 2, 3, 4, 5)) << name;
    EXPECT_THAT(values_of<std::int64_t>(file, "f"), ElementsAre(0, 1, 2, 3, 4, 5)) << name;
    EXPECT_EQ(text_of(file.opaque, "names"), "numpy.ndarray");
    EXPECT_EQ(text_of(file.values, "__author__"), "\"someone\"");
  }
}

TEST_F(Weights, WrittenAsPthAreReadBack) {
  WeightsFile file = read_weights_file(golden("zip.pth"));
  write_pth(path("copy.pth"), file.weights);
  const WeightsFile copy = read_weights_file(path("copy.pth"), VerifyChecksums::yes);
  EXPECT_EQ(copy.weights_key, "state_dict");
  expect_state_dict(copy);
  file.weights.push_back(file.weights.front());
  EXPECT_THROW(write_pth(path("copy.pth"), file.weights), Error);
}

TEST_F(Weights, OfASafetensorsFileWhateverItsEnding) {
  const WeightsFile file = read_weights_file(golden("zip.pth"));
  write_safetensors(path("copy.bin"), {.tensors = file.weights, .metadata = {{"format", "pt"}}});
  expect_state_dict(read_weights_file(path("copy.bin")));
}

TEST_F(Weights, OfATorchScriptArchiveAreRefusedByName) {
  EXPECT_THAT(message(content(golden("script.pt"))), HasSubstr("TorchScript"));
}

TEST_F(Weights, OfOtherFilesAreRefused) {
  EXPECT_THAT(message(""), HasSubstr("file.pth"));
  EXPECT_THAT(message("<html>not found</html>"), HasSubstr("not a checkpoint"));
  EXPECT_THAT(message("PK\x03\x04 and no directory, whatever follows here"),
              HasSubstr("its directory is missing"));
  EXPECT_THAT(message(std::string("\x80\x02}q\x00.", 6)), HasSubstr(""));
  EXPECT_THAT(message(std::string(257, '\0') + "ustar  " + std::string(300, '\0')),
              HasSubstr("before 0.1.10"));
}

TEST_F(Weights, ThatAreCutAnywhereAreRefused) {
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    const std::string whole = content(golden(name));
    for (std::size_t size = 0; size < whole.size(); size += 29) {
      EXPECT_NE(message(whole.substr(0, size)), "") << name << " cut to " << size;
    }
  }
}

TEST_F(Weights, WithAFlippedBitAreFoundByTheirChecksum) {
  std::string bytes = content(golden("zip.pth"));
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

TEST_F(Weights, ThatCallHarmfulFunctionsAreRefusedByName) {
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

TEST_F(Weights, WhoseTensorReachesBeyondItsStorageAreRefused) {
  const std::string whole = content(golden("state_only.pth"));
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
TEST_F(Weights, WhoseValuesRepeatWithoutEndAreRefused) {
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

TEST_F(Weights, WithMoreValuesThanTheFileCanHaveAreRefused) {
  std::string bytes = "\x80\x02";
  bytes.append(4'000'000, ']');
  EXPECT_THAT(message(bytes + "."), HasSubstr("too many"));
}

// Whatever is changed, a file is read or refused with an Error of kind data.
TEST_F(Weights, WithRandomDamageAreReadOrRefused) {
  std::mt19937 random(7);
  int read = 0;
  int refused = 0;
  for (const char* name : {"zip.pth", "legacy.pth", "arrays_protocol2.pkl", "untyped.pth"}) {
    const std::string whole = content(golden(name));
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

TEST(ZipRecords, AreCheckedForOverlaps) {
  const std::string bytes = content(golden("zip.pth"));
  const auto span = std::as_bytes(std::span(bytes));
  const std::vector<ZipRecord> records = read_zip(span);
  EXPECT_GT(records.size(), 10U);
  EXPECT_NO_THROW(verify_zip(span, records));
}

}  // namespace
}  // namespace pinfeed
