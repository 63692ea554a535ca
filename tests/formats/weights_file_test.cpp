// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/weights/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "tests/formats/weights_test_files.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using Weights = WeightsTest;

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
  const WeightsFile file = read_weights_file(golden_checkpoint(GetParam()), VerifyChecksums::yes);
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
  const WeightsFile file = read_weights_file(golden_checkpoint("state_only.pth"));
  EXPECT_EQ(file.weights_key, "");
  expect_state_dict(file);
}

TEST_F(Weights, OfUntypedStorages) {
  const WeightsFile file = read_weights_file(golden_checkpoint("untyped.pth"));
  EXPECT_EQ(tensor_of(file, "float8").dtype, DType::float8_e4m3fn);
  EXPECT_THAT(values_of<std::uint8_t>(file, "float8"), ElementsAre(0x38, 0xC0));
  EXPECT_THAT(values_of<std::uint16_t>(file, "uint16"), ElementsAre(65535));
}

TEST_F(Weights, OfNumpyArraysInAPlainPickle) {
  for (const char* name : {"arrays_protocol2.pkl", "arrays_protocol5.pkl"}) {
    const WeightsFile file = read_weights_file(golden_checkpoint(name));
    EXPECT_EQ(file.weights_key, "model");
    EXPECT_THAT(values_of<float>(file, "a"), ElementsAre(0, 1, 2, 3, 4, 5)) << name;
    EXPECT_THAT(values_of<std::int64_t>(file, "f"), ElementsAre(0, 1, 2, 3, 4, 5)) << name;
    EXPECT_EQ(text_of(file.opaque, "names"), "numpy.ndarray");
    EXPECT_EQ(text_of(file.values, "__author__"), "\"someone\"");
  }
}

TEST_F(Weights, WrittenAsPthAreReadBack) {
  WeightsFile file = read_weights_file(golden_checkpoint("zip.pth"));
  write_pth(path("copy.pth"), file.weights);
  const WeightsFile copy = read_weights_file(path("copy.pth"), VerifyChecksums::yes);
  EXPECT_EQ(copy.weights_key, "state_dict");
  expect_state_dict(copy);
  file.weights.push_back(file.weights.front());
  EXPECT_THROW(write_pth(path("copy.pth"), file.weights), Error);
}

TEST_F(Weights, OfASafetensorsFileWhateverItsEnding) {
  const WeightsFile file = read_weights_file(golden_checkpoint("zip.pth"));
  write_safetensors(path("copy.bin"), {.tensors = file.weights, .metadata = {{"format", "pt"}}});
  expect_state_dict(read_weights_file(path("copy.bin")));
}

}  // namespace
}  // namespace pinfeed
