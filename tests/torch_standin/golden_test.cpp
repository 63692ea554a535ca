// SPDX-License-Identifier: Apache-2.0
// The models of the golden files on the stand-in device: the losses of upstream, and how often the
// host waits for the device in a training step. On a GPU the host can run ahead only as far as the
// next wait.
#include <gtest/gtest.h>

#include "pinfeed/train/optim/optimizer.h"
#include "tests/models/golden_detector.h"
#include "tests/models/golden_model.h"
#include "tests/torch_standin/device_waits.h"

namespace pinfeed {
namespace {

const torch::Device device(torch::kCUDA, 0);

void move(Model& model, ModelInput& input) {
  model.to(device);
  input.images = input.images.to(device);
  for (DetDataSample& sample : input.data_samples) {
    sample.before_copy = std::make_shared<const DetDataSample>(sample);
    for (torch::Tensor* tensor : {&sample.boxes, &sample.labels, &sample.ignored_boxes}) {
      if (tensor->defined()) *tensor = tensor->to(device);
    }
  }
}

void expect_losses(const Losses& losses, const SafetensorsFile& file) {
  for (const auto& [name, value] : losses) {
    const double want = to_torch(*file.find("losses." + name)).item<double>();
    EXPECT_NEAR(value.item<double>() / want, 1.0, 1e-5) << name;
  }
}

// The waits of some steps with an optimizer.
std::vector<std::string> waits_of_steps(Model& model, const ModelInput& input, int steps) {
  const OptimizerPlan plan = {
      .optimizer = {.rule = UpdateRule::adamw, .defaults = {.lr = 2e-4, .weight_decay = 0.05}}};
  Optimizer optimizer(plan.optimizer, param_groups(plan, model));
  const DeviceWaits waits;
  for (int i = 0; i < steps; ++i) {
    sum_of(model.losses(input)).backward();
    optimizer.step();
    optimizer.zero_grad();
  }
  return DeviceWaits::so_far();
}

class ModelsOnADevice : public ::testing::TestWithParam<std::string> {};

TEST_P(ModelsOnADevice, HaveTheLossesOfUpstreamAndWaitAtMostOnceAStep) {
  GoldenModelFile golden = read_golden(GetParam());
  move(*golden.model, golden.input);
  golden.model->train();
  torch::manual_seed(7);
  expect_losses(golden.model->losses(golden.input), golden.file);
  const bool is_detector = GetParam() != "mae";  // which reads the number of the positive points
  const int steps = is_detector ? 3 : 50;
  const std::vector<std::string> waits = waits_of_steps(*golden.model, golden.input, steps);
  EXPECT_EQ(waits, std::vector<std::string>(is_detector ? steps : 0, "aten::nonzero"));
}

INSTANTIATE_TEST_SUITE_P(All, ModelsOnADevice,
                         ::testing::Values("mae", "fcos_plain", "fcos_windows", "fcos_r18"),
                         [](const auto& test) { return test.param; });

class DetectorsOnADevice : public ::testing::TestWithParam<std::string> {};

TEST_P(DetectorsOnADevice, HaveTheLossesOfMmdetAndWaitAtMostOnceAStage) {
  GoldenDetector golden = read_detector(GetParam());
  move(*golden.model, golden.input);
  golden.model->train();
  torch::manual_seed(7);
  expect_losses(golden.model->losses(golden.input), golden.file);
  constexpr std::size_t steps = 2;
  const std::size_t stages = GetParam().starts_with("cascade") ? 3 : 1;
  const std::vector<std::string> waits = waits_of_steps(*golden.model, golden.input, steps);
  EXPECT_EQ(waits, std::vector<std::string>(steps * stages, "synchronize"));
}

TEST_P(DetectorsOnADevice, DetectAsMmdet) {
  GoldenDetector golden = read_detector(GetParam());
  move(*golden.model, golden.input);
  golden.model->eval();
  const torch::NoGradGuard no_grad;
  const std::vector<Detections> found = golden.model->predict(golden.input);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".found.";
    EXPECT_LE((found[i].boxes - golden.tensor(prefix + "bboxes")).abs().max().item<double>(), 1e-4);
    EXPECT_TRUE(torch::equal(found[i].labels, golden.tensor(prefix + "labels")));
  }
}

INSTANTIATE_TEST_SUITE_P(All, DetectorsOnADevice, ::testing::ValuesIn(golden_detectors),
                         [](const auto& test) { return test.param; });

TEST(DeviceStandIn, RefusesTensorsOfTheHostAmongThoseOfTheDevice) {
  const torch::Tensor there = torch::ones({2}, device);
  EXPECT_THROW(there.index_select(0, torch::zeros({1}, torch::kLong)), c10::Error);
  EXPECT_THROW(there + torch::ones({2}), c10::Error);
}

TEST(DeviceStandIn, CountsEachWait) {
  const torch::Tensor there = torch::ones({2}, device);
  const torch::Tensor here = torch::ones({2});
  const DeviceWaits waits;
  (void)here.pin_memory().to(device, torch::kFloat, true);
  (void)(there * 2).sum();
  EXPECT_EQ(DeviceWaits::so_far(), std::vector<std::string>{});
  (void)here.to(device);
  (void)there.cpu();
  (void)there[0].item<float>();
  (void)there.nonzero();
  EXPECT_EQ(DeviceWaits::so_far(),
            (std::vector<std::string>{"copy to device", "copy to host", "item", "aten::nonzero"}));
}

}  // namespace
}  // namespace pinfeed
