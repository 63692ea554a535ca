// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

class Safetensors : public testing::Test {
 private:
  test::WorkingFolder folder_;  // errors show short paths
};

std::string golden() {
  return std::string(PINFEED_SOURCE_DIR) + "/tests/golden/safetensors/package.safetensors";
}

template <class T>
Tensor tensor_of(const Shape& shape, std::vector<T> values) {
  Tensor tensor = Tensor::empty(dtype_of<T>(), shape);
  std::copy(values.begin(), values.end(), tensor.data_as<T>());
  return tensor;
}

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  const T* first = tensor.data_as<T>();
  return std::vector<T>(first, first + tensor.elements());
}

// A file with this header and so many bytes of data.
std::string write_raw(const std::string& header, std::size_t data_bytes) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::ofstream("raw.safetensors", std::ios::binary)
      << bytes << header << std::string(data_bytes, 'x');
  return "raw.safetensors";
}

std::string reading_failure(const std::string& path) {
  try {
    read_safetensors(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.message();
  }
  return "no error";
}

std::string failure_of(const std::string& header, std::size_t data_bytes) {
  std::string message = reading_failure(write_raw(header, data_bytes));
  const std::string context = "  while reading raw.safetensors\n";
  const std::size_t at = message.find(context);
  EXPECT_NE(at, std::string::npos) << message;
  return at == std::string::npos ? message : message.erase(at, context.size());
}

TEST_F(Safetensors, ReadsWhatThePythonPackageWrote) {
  const SafetensorsFile file = read_safetensors(golden());
  EXPECT_EQ(file.tensors.size(), 12U);
  EXPECT_EQ(file.metadata, (decltype(file.metadata){{"format", "pt"}}));
  EXPECT_EQ(values_of<float>(*file.find("float32")), (std::vector<float>{-2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(file.find("float32")->shape, (Shape{2, 3}));
  EXPECT_EQ(values_of<double>(*file.find("float64")), (std::vector<double>{-2, -1, 0}));
  EXPECT_EQ(values_of<std::int64_t>(*file.find("int64")),
            (std::vector<std::int64_t>{-2, -1, 0, 1}));
  EXPECT_EQ(values_of<std::int32_t>(*file.find("int32")), (std::vector<std::int32_t>{-2, -1, 0}));
  EXPECT_EQ(values_of<std::int16_t>(*file.find("int16")), (std::vector<std::int16_t>{-2, -1, 0}));
  EXPECT_EQ(values_of<std::uint8_t>(*file.find("uint8")),
            (std::vector<std::uint8_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(values_of<bool>(*file.find("bool")), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(file.find("scalar")->shape, Shape{});
  EXPECT_EQ(values_of<float>(*file.find("scalar")), std::vector<float>{-2});
  EXPECT_EQ(file.find("empty")->shape, (Shape{0, 4}));
  EXPECT_NE(file.find("näme with \"quotes\""), nullptr);
  EXPECT_EQ(file.find("absent"), nullptr);
}

TEST_F(Safetensors, ReadsHalfFloats) {
  const SafetensorsFile file = read_safetensors(golden());
  const Tensor& half = *file.find("float16");
  EXPECT_EQ(half.dtype, DType::float16);  // -2 -1 0 1
  EXPECT_EQ(values_of<std::uint16_t>(half),
            (std::vector<std::uint16_t>{0xC000, 0xBC00, 0, 0x3C00}));
  const Tensor& brain = *file.find("bfloat16");
  EXPECT_EQ(brain.dtype, DType::bfloat16);
  EXPECT_EQ(values_of<std::uint16_t>(brain),
            (std::vector<std::uint16_t>{0xC000, 0xBF80, 0, 0x3F80}));
}

TEST_F(Safetensors, WritesTheBytesThatThePythonPackageWrites) {
  write_safetensors("again.safetensors", read_safetensors(golden()));
  EXPECT_EQ(read_text("again.safetensors", ErrorKind::data), read_text(golden(), ErrorKind::data));
}

TEST_F(Safetensors, KeepsTheOrderOfTensorsAndTexts) {
  SafetensorsFile file;
  file.tensors.emplace_back("z", tensor_of<std::uint8_t>({3}, {1, 2, 3}));
  file.tensors.emplace_back("a", tensor_of<float>({2}, {1.5F, -0.25F}));
  file.metadata = {{"0.1", R"({"img_path": "a\\b.jpg"})"}, {"0.0", "line\nfeed"}};
  write_safetensors("order.safetensors", file);
  const SafetensorsFile back = read_safetensors("order.safetensors");
  ASSERT_EQ(back.tensors.size(), 2U);
  EXPECT_EQ(back.tensors[0].first, "z");
  EXPECT_EQ(values_of<std::uint8_t>(back.tensors[0].second), (std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_EQ(values_of<float>(back.tensors[1].second), (std::vector<float>{1.5F, -0.25F}));
  EXPECT_EQ(back.metadata, file.metadata);
}

TEST_F(Safetensors, WritesViewsRowMajor) {
  Tensor turned = tensor_of<std::int32_t>({2, 3}, {0, 1, 2, 3, 4, 5});
  turned.shape = {3, 2};
  turned.strides = {1, 3};
  write_safetensors("view.safetensors", {.tensors = {{"t", turned}}});
  const SafetensorsFile back = read_safetensors("view.safetensors");
  EXPECT_EQ(back.find("t")->shape, (Shape{3, 2}));
  EXPECT_EQ(values_of<std::int32_t>(*back.find("t")),
            (std::vector<std::int32_t>{0, 3, 1, 4, 2, 5}));
}

TEST_F(Safetensors, WritesAndReadsAnEmptyFile) {
  write_safetensors("empty.safetensors", {});
  EXPECT_TRUE(read_safetensors("empty.safetensors").tensors.empty());
}

TEST_F(Safetensors, DoesNotChangeTheFileThroughATensor) {
  write_safetensors("f.safetensors", {.tensors = {{"t", tensor_of<float>({1}, {1.0F})}}});
  *read_safetensors("f.safetensors").find("t")->data_as<float>() = 2.0F;
  const SafetensorsFile again = read_safetensors("f.safetensors");
  EXPECT_EQ(*again.find("t")->data_as<float>(), 1.0F);
}

TEST_F(Safetensors, CopiesTensorsThatAnotherWriterLeftUnaligned) {
  const std::string path = write_raw(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                     R"("b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})",
                                     5);
  const SafetensorsFile file = read_safetensors(path);
  const Tensor& tensor = *file.find("b");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % 4, 0U);
  EXPECT_EQ(std::memcmp(tensor.data(), "xxxx", 4), 0);
}

TEST_F(Safetensors, RefusesToWriteADuplicateName) {
  const Tensor tensor = tensor_of<float>({1}, {1.0F});
  try {
    write_safetensors("twice.safetensors", {.tensors = {{"w", tensor}, {"w", tensor}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "error: a safetensors file has one tensor named 'w'\n");
  }
  EXPECT_FALSE(fs::exists("twice.safetensors"));
}

TEST_F(Safetensors, NamesAMissingFile) {
  EXPECT_EQ(reading_failure("absent.safetensors"),
            "error: cannot read absent.safetensors: No such file or directory\n");
}

TEST_F(Safetensors, RefusesFilesThatAreTooShort) {
  std::ofstream("short.safetensors") << "12345";
  EXPECT_EQ(
      reading_failure("short.safetensors"),
      "error: not a safetensors file: it has 5 bytes, the length of the header alone takes 8\n"
      "  while reading short.safetensors\n");
  std::ofstream("empty.safetensors").flush();
  EXPECT_EQ(
      reading_failure("empty.safetensors"),
      "error: not a safetensors file: it has 0 bytes, the length of the header alone takes 8\n"
      "  while reading empty.safetensors\n");
}

TEST_F(Safetensors, RefusesAHeaderLongerThanTheFile) {
  std::ofstream("zip.safetensors") << "PK\x03\x04 a zip file";
  EXPECT_EQ(
      reading_failure("zip.safetensors"),
      "error: not a safetensors file, or cut short: its header should have 8800140462016121680 "
      "bytes, the file has 15\n"
      "  while reading zip.safetensors\n");
}

// Every prefix of a good file is an error, never a crash.
TEST_F(Safetensors, RefusesEveryTruncatedFile) {
  const std::string whole = read_text(golden(), ErrorKind::data);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream("cut.safetensors", std::ios::binary) << whole.substr(0, size);
    ASSERT_NE(reading_failure("cut.safetensors"), "no error") << size << " bytes";
  }
}

TEST_F(Safetensors, NamesTheTruncatedTensor) {
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", 10),
            "error: tensor 'w' ends at byte 16 of the data, the file has 10: it is cut short\n");
}

TEST_F(Safetensors, RefusesHeadersThatAreNotJson) {
  EXPECT_EQ(failure_of("[1, 2]", 0), "error: broken safetensors header: it is not an object\n");
  EXPECT_EQ(failure_of(R"({"w")", 0), "error: broken safetensors header: it is not JSON\n");
}

TEST_F(Safetensors, RefusesTensorsWhoseBytesOverlap) {
  EXPECT_EQ(failure_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                       R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                       6),
            "error: tensor 'b' starts at byte 2, inside 'a', which ends at 4\n");
}

TEST_F(Safetensors, RefusesBytesThatBelongToNoTensor) {
  EXPECT_EQ(failure_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})", 6),
            "error: tensor 'a' starts at byte 2; the bytes from 0 on belong to no tensor\n");
  EXPECT_EQ(failure_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 6),
            "error: broken safetensors header: the last tensor ends at byte 4 of 6\n");
}

TEST_F(Safetensors, RefusesUnknownDtypes) {
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}})", 1),
            "error: tensor 'w' has dtype F8_E8M0, which pinfeed does not support\n"
            "help: pinfeed reads BOOL, I8 to I64, U8 to U64, F16, BF16, F32, F64, C64, F8_E4M3, "
            "F8_E5M2\n");
  EXPECT_EQ(failure_of(R"({"w":{"shape":[1],"data_offsets":[0,1]}})", 1),
            "error: tensor 'w' has no dtype\n");
}

TEST_F(Safetensors, RefusesShapesThatDoNotFit) {
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}})", 20),
            "error: tensor 'w' has 20 bytes; (2, 3) of float32 needs 24\n");
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4),
            "error: tensor 'w' has a shape with -1\n");
  EXPECT_EQ(
      failure_of(R"({"w":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1),
      "error: tensor 'w' has 9 dimensions; pinfeed supports at most 8\n");
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"U8","data_offsets":[0,1]}})", 1),
            "error: tensor 'w' has no shape\n");
}

// 2^62 x 4 elements of 4 bytes: 2^66, which is 0 in 64 bits.
TEST_F(Safetensors, RefusesHostileSizes) {
  EXPECT_EQ(failure_of(
                R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0),
            "error: tensor 'w' has shape (4611686018427387904, 4), more than memory can hold\n");
  EXPECT_EQ(
      failure_of(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,0]}})", 1),
      "error: tensor 'w' has no data_offsets [begin, end]\n");
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1),
            "error: tensor 'w' has no data_offsets [begin, end]\n");
}

TEST_F(Safetensors, RefusesDuplicateNames) {
  EXPECT_EQ(failure_of(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                       2),
            "error: broken safetensors header: 'w' is there twice\n");
}

TEST_F(Safetensors, RefusesOddMetadata) {
  EXPECT_EQ(failure_of(R"({"__metadata__":{"epoch":3}})", 0),
            "error: broken safetensors header: __metadata__ of 'epoch' is not a text\n");
  EXPECT_EQ(failure_of(R"({"w":7})", 0), "error: tensor 'w' is not described by an object\n");
}

TEST_F(Safetensors, ReportsAFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  try {
    write_safetensors("/dev/full", {.tensors = {{"t", tensor_of<float>({1}, {1.0F})}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "error: cannot write /dev/full: No space left on device\n");
  }
}

}  // namespace
}  // namespace pinfeed
