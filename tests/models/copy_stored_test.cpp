// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/copy_stored.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <string>

#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/models/torch_tensor.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

void copy(const MappedFile& file, const torch::Tensor& stored, const torch::Tensor& ours) {
  StoredCopies copies(file);
  copies.add(stored, ours);
  copies.run();
}

// Views of a file of PyTorch, some of them transposed or of a shared storage; in the older format
// they are not aligned.
class CopyStored : public testing::TestWithParam<const char*> {
 protected:
  const std::string path = std::string(PINFEED_SOURCE_DIR) + "/tests/golden/pth/" + GetParam();
  const WeightsFile views = read_weights_file(path, VerifyChecksums::no, Unaligned::views);
  const WeightsFile copies = read_weights_file(path);
};

TEST_P(CopyStored, GivesTheStoredValues) {
  ASSERT_EQ(views.weights.size(), 15U);
  for (std::size_t i = 0; i < views.weights.size(); ++i) {
    const torch::Tensor stored = to_torch(views.weights[i].second);
    const torch::Tensor want = to_torch(copies.weights[i].second).contiguous();
    const torch::Tensor ours = torch::zeros(want.sizes(), want.options());
    copy(views.source, stored, ours);
    EXPECT_TRUE(torch::equal(ours, want)) << views.weights[i].first;
    EXPECT_TRUE(torch::equal(read_stored(views.source, stored), want)) << views.weights[i].first;
  }
}

TEST_P(CopyStored, ConvertsAndFillsTensorsOfAnyStrides) {
  for (std::size_t i = 0; i < views.weights.size(); ++i) {
    const torch::Tensor want = to_torch(copies.weights[i].second).to(torch::kComplexDouble);
    const torch::Tensor ours = torch::zeros(want.sizes(), want.options());
    copy(views.source, to_torch(views.weights[i].second), ours);
    EXPECT_TRUE(torch::equal(ours, want)) << views.weights[i].first;
    if (want.dim() != 2) continue;
    const torch::Tensor transposed = torch::zeros({want.size(1), want.size(0)}, want.options()).t();
    copy(views.source, to_torch(views.weights[i].second), transposed);
    EXPECT_TRUE(torch::equal(transposed, want)) << views.weights[i].first;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, CopyStored, testing::Values("zip.pth", "legacy.pth"));

class CopyOfALargeTensor : public testing::Test {
 protected:
  CopyOfALargeTensor() { write_pth(path, {{"large", from_torch(values)}}); }

  const TestFolder folder = {};
  const std::string path = folder / "large.pth";
  const torch::Tensor values = torch::arange(1'000'003, torch::kInt);  // 4 MB
};

TEST_F(CopyOfALargeTensor, ConvertsItPartByPart) {
  const WeightsFile file = read_weights_file(path);
  const torch::Tensor ours = torch::zeros({1'000'003}, torch::kDouble);
  copy(file.source, to_torch(file.weights[0].second), ours);
  EXPECT_TRUE(torch::equal(ours, values.to(torch::kDouble)));
}

TEST_F(CopyOfALargeTensor, IntoASharedTensorTheLastOneCounts) {
  const std::string other = folder / "other.pth";
  write_pth(other, {{"first", from_torch(values)},
                    {"second", from_torch(values + 1)},
                    {"third", from_torch((values + 2).to(torch::kDouble))},
                    {"last", from_torch(values + 3)}});
  const WeightsFile file = read_weights_file(other);
  const torch::Tensor ours = torch::zeros({1'000'003}, torch::kInt);
  StoredCopies copies(file.source);
  for (const auto& [name, tensor] : file.weights) copies.add(to_torch(tensor), ours);
  copies.run();
  EXPECT_TRUE(torch::equal(ours, values + 3));
}

TEST_F(CopyOfALargeTensor, IsAnErrorWhereTheFileBecameShorter) {
  const WeightsFile file = read_weights_file(path);
  std::filesystem::resize_file(path, 2'000'000);
  const torch::Tensor stored = to_torch(file.weights[0].second);
  for (const torch::ScalarType type : {torch::kInt, torch::kDouble}) {
    const torch::Tensor ours = torch::zeros({1'000'003}, type);
    EXPECT_EQ(failure_of([&] { copy(file.source, stored, ours); }),
              "error: " + path + " became shorter while it was read\n");
  }
}

}  // namespace
}  // namespace pinfeed
