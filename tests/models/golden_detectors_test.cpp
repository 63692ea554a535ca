// SPDX-License-Identifier: Apache-2.0
// Losses, gradients and detections of small detectors against mmdet (tools/golden_detectors.py).
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "pinfeed/image/draw/run_mask.h"
#include "tests/models/golden_detector.h"

namespace pinfeed {
namespace {

double relative_distance(const torch::Tensor& have, const torch::Tensor& want) {
  return ((have - want).norm() / (want.norm() + 1e-12)).item<double>();
}

class GoldenDetectors : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenDetectors, HaveTheLossesAndGradientsOfMmdet) {
  const GoldenDetector golden = read_detector(GetParam());
  golden.model->train();
  torch::manual_seed(7);
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, value] : golden.model->losses(golden.input)) {
    const auto want = golden.tensor("losses." + name).item<double>();
    EXPECT_NEAR(value.item<double>() / want, 1.0, 1e-5) << name;
    if (name.find("loss") != std::string::npos) sum = sum + value;
  }
  sum.backward();
  for (const auto& parameter : golden.model->named_parameters()) {
    const bool trained = golden.file.find("grads." + parameter.key()) != nullptr;
    ASSERT_EQ(parameter.value().requires_grad(), trained) << parameter.key();
    if (!trained) continue;
    const torch::Tensor gradient = parameter.value().grad();
    ASSERT_TRUE(gradient.defined()) << parameter.key();
    EXPECT_GT(gradient.abs().max().item<double>(), 0.0) << parameter.key();
    EXPECT_LE(relative_distance(gradient, golden.tensor("grads." + parameter.key())), 1e-4)
        << parameter.key();
  }
}

TEST_P(GoldenDetectors, HaveEveryParameterOfMmdetAndNoOther) {
  const GoldenDetector golden = read_detector(GetParam());
  std::size_t weights = 0;
  for (const auto& [name, tensor] : golden.file.tensors)
    weights += name.rfind("weights.", 0) == 0 ? 1 : 0;
  EXPECT_EQ(golden.model->named_parameters().size(), weights);
}

// The pixels of a mask, (H, W), as bits packed by numpy store them.
std::vector<bool> pixels_of(const RunMask& mask) {
  std::vector<bool> pixels(static_cast<std::size_t>(mask.size.width * mask.size.height));
  std::size_t at = 0;
  bool inside = false;
  for (const std::uint32_t run : mask.runs) {
    for (std::uint32_t k = 0; k < run; ++k, ++at) {
      const std::size_t x = at / static_cast<std::size_t>(mask.size.height);
      const std::size_t y = at % static_cast<std::size_t>(mask.size.height);
      pixels[y * static_cast<std::size_t>(mask.size.width) + x] = inside;
    }
    inside = !inside;
  }
  EXPECT_EQ(at, pixels.size());
  return pixels;
}

void expect_equal_masks(const std::vector<RunMask>& masks, const torch::Tensor& packed) {
  const auto* bytes = packed.const_data_ptr<std::uint8_t>();
  std::size_t bit = 0;
  double common = 0.0;
  double either = 0.0;
  for (const RunMask& mask : masks) {
    for (const bool pixel : pixels_of(mask)) {
      const bool want = ((bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0;
      common += pixel && want ? 1 : 0;
      either += pixel || want ? 1 : 0;
      ++bit;
    }
  }
  EXPECT_GT(either, 0.0);
  EXPECT_GT(common / either, 0.999);
}

TEST_P(GoldenDetectors, DetectAsMmdet) {
  const GoldenDetector golden = read_detector(GetParam());
  golden.model->eval();
  const torch::NoGradGuard no_grad;
  const std::vector<Detections> found = golden.model->predict(golden.input);
  ASSERT_EQ(found.size(), 3U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".found.";
    const torch::Tensor boxes = golden.tensor(prefix + "bboxes");
    ASSERT_EQ(found[i].boxes.sizes(), boxes.sizes());
    EXPECT_GT(boxes.size(0), 0);
    EXPECT_LE((found[i].boxes - boxes).abs().max().item<double>(), 1e-4);
    EXPECT_LE((found[i].scores - golden.tensor(prefix + "scores")).abs().max().item<double>(),
              1e-4);
    EXPECT_TRUE(torch::equal(found[i].labels, golden.tensor(prefix + "labels")));
    if (golden.metadata.at("masks") == "none") continue;
    ASSERT_EQ(found[i].masks.size(), static_cast<std::size_t>(boxes.size(0)));
    expect_equal_masks(found[i].masks, golden.tensor(prefix + "masks"));
  }
}

// Trains 50 steps and gives the relative difference of each loss. The weights are changed by
// `change` of their values at first.
std::vector<double> differences_of_steps(const std::string& name, double change) {
  const GoldenDetector golden = read_detector(name);
  golden.model->train();
  torch::manual_seed(11);
  const torch::Tensor want = golden.tensor("steps");
  for (torch::Tensor& parameter : golden.model->parameters()) parameter.data().mul_(1.0 + change);
  std::vector<double> differences;
  for (std::int64_t step = 0; step < want.size(0); ++step) {
    torch::Tensor sum = torch::zeros({});
    for (const auto& [key, value] : golden.model->losses(golden.input))
      if (key.find("loss") != std::string::npos) sum = sum + value;
    differences.push_back(std::abs(sum.item<double>() / want[step].item<double>() - 1.0));
    EXPECT_FALSE(std::isnan(differences.back())) << step;
    golden.model->zero_grad();
    sum.backward();
    torch::nn::utils::clip_grad_norm_(golden.model->parameters(), 1.0);
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : golden.model->parameters())
      if (parameter.requires_grad()) parameter.sub_(parameter.grad(), 2e-3);
  }
  return differences;
}

// The last bit of a sum, which depends on the processor, can decide whether a proposal whose
// overlap is at a threshold is sampled. The loss of such a step differs by some thousandths, and
// those of later steps are equal again. So the weights may differ in their last bits: from each of
// the starts most losses are equal, and from one of them nearly all. A model that is wrong by more
// than that follows from none.
TEST_P(GoldenDetectors, FollowTheLossOfMmdetFor50Steps) {
  constexpr std::size_t few = 5;  // steps that are sampled otherwise
  const int threads = at::get_num_threads();
  at::set_num_threads(1);  // the models are small
  bool followed = false;
  for (int i = 0; i < 10 && !followed; ++i) {
    std::vector<double> sorted =
        differences_of_steps(GetParam(), 1e-7 * ((i + 1) / 2) * (i % 2 == 0 ? 1 : -1));
    std::sort(sorted.begin(), sorted.end());
    EXPECT_LT(sorted[sorted.size() / 2], 1e-3) << i;
    followed = sorted[sorted.size() - 1 - few] < 1e-3;
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(followed);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenDetectors, ::testing::ValuesIn(golden_detectors),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pinfeed
