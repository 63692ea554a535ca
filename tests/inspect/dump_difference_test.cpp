// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/dump_difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

template <class T>
Tensor tensor(const Shape& shape, const std::vector<T>& values) {
  Tensor made = Tensor::empty(dtype_of<T>(), shape);
  std::memcpy(made.data(), values.data(), made.bytes());
  return made;
}

DumpedBatch with(const std::string& name, Tensor value) {
  DumpedBatch batch;
  batch.tensors.emplace_back(name, std::move(value));
  return batch;
}

DumpedBatch with_meta(const std::string& text) {
  DumpedBatch batch;
  batch.metadata.emplace_back("3.1", text);
  return batch;
}

std::string difference(const DumpedBatch& here, const DumpedBatch& there) {
  return first_difference(here, there, "f");
}

TEST(DumpDifference, IsEmptyForEqualBatches) {
  const DumpedBatch batch = with("3.1.labels", tensor<std::int64_t>({2}, {1, 2}));
  EXPECT_EQ(difference(batch, batch), "");
  EXPECT_EQ(difference(with_meta(R"({"flip": true})"), with_meta(R"({ "flip": true })")), "");
}

TEST(DumpDifference, NamesThePixel) {
  std::vector<std::uint8_t> pixels(2 * 3 * 4 * 5);
  const Tensor here = tensor({2, 3, 4, 5}, pixels);
  pixels[((1 * 3 + 2) * 4 + 3) * 5 + 1] = 9;
  const Tensor there = tensor({2, 3, 4, 5}, pixels);
  EXPECT_EQ(difference(with("3.inputs", here), with("3.inputs", there)),
            "sample 1, inputs at x 1, y 3, channel 2: 0 here, 9 in f; 1 of 120 values differ");
  EXPECT_EQ(difference(with("3.inputs.1", select(here, 1)), with("3.inputs.1", select(there, 1))),
            "sample 1, inputs at x 1, y 3, channel 2: 0 here, 9 in f; 1 of 60 values differ");
}

TEST(DumpDifference, NamesTheObject) {
  const std::vector<float> boxes = {1, 2, 3, 4, 5, 6.5F, 7, 8};
  std::vector<float> others = boxes;
  others[5] = 6.25F;
  EXPECT_EQ(difference(with("3.1.bboxes", tensor({2, 4}, boxes)),
                       with("3.1.bboxes", tensor({2, 4}, others))),
            "sample 1, bboxes at object 1, y1: 6.5 here, 6.25 in f; 1 of 8 values differ");
  EXPECT_EQ(difference(with("3.0.labels", tensor<std::int64_t>({2}, {1, 2})),
                       with("3.0.labels", tensor<std::int64_t>({2}, {1, -2}))),
            "sample 0, labels at object 1: 2 here, -2 in f; 1 of 2 values differ");
  EXPECT_EQ(difference(with("3.0.masks", tensor<std::uint8_t>({1, 2, 2}, {0, 0, 0, 0})),
                       with("3.0.masks", tensor<std::uint8_t>({1, 2, 2}, {0, 0, 1, 0}))),
            "sample 0, masks at object 0, x 0, y 1: 0 here, 1 in f; 1 of 4 values differ");
}

TEST(DumpDifference, ComparesBits) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const DumpedBatch batch = with("3.1.x", tensor<float>({1}, {nan}));
  EXPECT_EQ(difference(batch, batch), "");
  EXPECT_EQ(difference(with("3.1.x", tensor<float>({1}, {0.0F})),
                       with("3.1.x", tensor<float>({1}, {-0.0F}))),
            "sample 1, x at object 0: 0 here, -0 in f; 1 of 1 values differ");
}

TEST(DumpDifference, NamesAnotherShapeOrType) {
  const DumpedBatch here = with("3.1.labels", tensor<std::int64_t>({2}, {1, 2}));
  EXPECT_EQ(difference(here, with("3.1.labels", tensor<std::int64_t>({1, 2}, {1, 2}))),
            "sample 1, labels: shape (2,) here, (1, 2) in f");
  EXPECT_EQ(difference(here, with("3.1.labels", tensor<float>({2}, {1, 2}))),
            "sample 1, labels: int64 here, float32 in f");
}

TEST(DumpDifference, NamesWhatOnlyOneSideHas) {
  const DumpedBatch batch = with("3.1.labels", tensor<std::int64_t>({1}, {1}));
  EXPECT_EQ(difference(batch, {}), "sample 1, labels: not in f");
  EXPECT_EQ(difference({}, batch), "sample 1, labels: only in f");
}

TEST(DumpDifference, NamesTheMetaFieldBeforeAnyPixel) {
  DumpedBatch here = with_meta(R"({"img_id": 7, "flip": false})");
  DumpedBatch there = with_meta(R"({"img_id": 7, "flip": true})");
  here.tensors.emplace_back("3.1.labels", tensor<std::int64_t>({1}, {1}));
  EXPECT_EQ(difference(here, there), "sample 1, flip: False here, True in f");
  EXPECT_EQ(difference(with_meta(R"({"flip": 1})"), with_meta("{}")), "sample 1, flip: not in f");
  EXPECT_EQ(difference(with_meta("{}"), with_meta(R"({"flip": 1})")), "sample 1, flip: only in f");
}

TEST(DumpDifference, ComparesTheFileNameOfAPath) {
  const DumpedBatch here = with_meta(R"({"img_path": "a/b/1.jpg"})");
  EXPECT_EQ(difference(here, with_meta(R"({"img_path": "/elsewhere/1.jpg"})")), "");
  EXPECT_EQ(difference(here, with_meta(R"({"img_path": "a/b/2.jpg"})")),
            "sample 1, img_path: 'a/b/1.jpg' here, 'a/b/2.jpg' in f");
}

TEST(DumpDifference, IsNotReadFromOtherFiles) {
  const std::string path =
      (std::filesystem::temp_directory_path() / "pinfeed_dump_difference").string();
  SafetensorsFile file;
  file.tensors.emplace_back("backbone.weight", tensor<float>({1}, {1}));
  write_safetensors(path, file);
  try {
    read_dump(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "error: " + path +
                                   " holds no batches: it has 'backbone.weight'\n"
                                   "help: `pinfeed batches CONFIG --dump F` writes them\n");
  }
  file.tensors = {{"1.inputs", tensor<float>({1}, {1})}, {"0.inputs", tensor<float>({1}, {2})}};
  write_safetensors(path, file);
  EXPECT_EQ(read_dump(path).size(), 2U);
  EXPECT_EQ(read_dump(path)[1].tensors[0].first, "1.inputs");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace pinfeed
