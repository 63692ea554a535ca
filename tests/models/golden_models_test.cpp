// SPDX-License-Identifier: Apache-2.0
// Losses and gradients of small models against mmpretrain and mmdet (tools/golden_models.py).
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "pinfeed/config/read.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {
namespace {

struct Golden {
  SafetensorsFile file = {};
  std::shared_ptr<Model> model = nullptr;
  ModelInput input = {};

  torch::Tensor tensor(const std::string& name) const { return to_torch(*file.find(name)); }
};

// The files have upstream's names.
void copy_weights(Golden& golden) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(*golden.model))
    tensor.copy_(golden.tensor("weights." + golden.model->upstream_name(name)));
}

Golden read_golden(const std::string& name) {
  Golden golden;
  golden.file = read_safetensors(std::string(PINFEED_SOURCE_DIR) + "/tests/golden/train/" + name +
                                 ".safetensors");
  const Config config = read_config_text(golden.file.metadata.front().second, name);
  golden.model = make_model(*config.root.find("model"), "model");
  copy_weights(golden);
  golden.input.images = golden.tensor("pixels").to(torch::kFloat32) / 64 - 2;
  for (std::int64_t i = 0; i < golden.input.images.size(0); ++i) {
    const std::string number = std::to_string(i);
    golden.input.data_samples.push_back(
        {.boxes = golden.tensor(number + ".bboxes"), .labels = golden.tensor(number + ".labels")});
  }
  return golden;
}

void expect_close(const torch::Tensor& have, const torch::Tensor& want, const std::string& what) {
  ASSERT_TRUE(have.defined()) << what;
  ASSERT_EQ(have.sizes(), want.sizes()) << what;
  const double norm = want.norm().item<double>();
  EXPECT_LE((have - want).norm().item<double>(), 1e-4 * norm) << what;
  EXPECT_GT(norm, 0.0) << what;
}

class GoldenModel : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenModel, HasTheLossesAndGradientsOfUpstream) {
  Golden golden = read_golden(GetParam());
  golden.model->train();
  torch::manual_seed(7);
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, value] : golden.model->losses(golden.input)) {
    const auto want = golden.tensor("losses." + name).item<double>();
    EXPECT_NEAR(value.item<double>() / want, 1.0, 1e-5) << name;
    sum = sum + value;
  }
  sum.backward();
  for (const auto& parameter : golden.model->named_parameters()) {
    const std::string name = "grads." + golden.model->upstream_name(parameter.key());
    EXPECT_EQ(parameter.value().requires_grad(), golden.file.find(name) != nullptr) << name;
    if (parameter.value().requires_grad())
      expect_close(parameter.value().grad(), golden.tensor(name), name);
  }
}

TEST_P(GoldenModel, HasEveryTensorOfUpstreamAndNoOther) {
  const Golden golden = read_golden(GetParam());
  std::size_t weights = 0;
  for (const auto& [name, tensor] : golden.file.tensors)
    weights += name.rfind("weights.", 0) == 0 ? 1 : 0;
  EXPECT_EQ(named_tensors(*golden.model).size(), weights);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModel,
                         ::testing::Values("mae", "mae_drop_path", "fcos_plain", "fcos_windows",
                                           "fcos_r50_caffe", "fcos_r18", "fcos_r34_dilated"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pinfeed
