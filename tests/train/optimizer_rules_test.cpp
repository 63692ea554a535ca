// SPDX-License-Identifier: Apache-2.0
// Steps of RMSprop, LARS and Lamb against torch and mmpretrain (tools/golden/optimizers.py).
#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/train/optim/optimizer.h"
#include "pinfeed/train/optim/optimizer_settings.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

struct GoldenSteps {
  SafetensorsFile file = read_safetensors(std::string(PINFEED_SOURCE_DIR) +
                                          "/tests/golden/train/optimizers.safetensors");
  std::map<std::string, torch::Tensor> params = {{"weight", start("weight")},
                                                 {"bias", start("bias")}};

  torch::Tensor tensor(const std::string& name) const { return to_torch(*file.find(name)); }
  torch::Tensor start(const std::string& name) const {
    return tensor("start." + name).clone().requires_grad_(true);
  }
  // As in the script: a group for each parameter; that of the bias is exempt.
  Optimizer optimizer(const std::string& name) const {
    std::string text;
    for (const auto& [key, value] : file.metadata) text += key == name ? value : "";
    const Value config = read_config_text(text, name).root;
    const OptimizerChoice choice = optimizers().make(*config.find("optimizer"), "optimizer", {});
    GroupOptions exempt = choice.defaults;
    exempt.weight_decay = 0.0;
    exempt.lars_exclude = true;
    return {choice,
            {{.names = {"weight"}, .params = {params.at("weight")}, .options = choice.defaults},
             {.names = {"bias"}, .params = {params.at("bias")}, .options = exempt}}};
  }
  void step(Optimizer& optimizer, int first, int last) {
    for (int i = first; i < last; ++i) {
      for (auto& [name, param] : params)
        param.mutable_grad() = tensor("gradients." + std::to_string(i) + "." + name).clone();
      optimizer.step();
    }
  }
};

class OptimizerRule : public ::testing::TestWithParam<std::string> {};

TEST_P(OptimizerRule, StepsAsUpstream) {
  GoldenSteps golden;
  Optimizer optimizer = golden.optimizer(GetParam());
  golden.step(optimizer, 0, 4);
  for (const auto& [name, param] : golden.params) {
    const torch::Tensor want = golden.tensor(GetParam() + "." + name);
    EXPECT_TRUE(torch::allclose(param, want, 1e-5, 1e-6)) << name << "\n" << param - want;
    EXPECT_FALSE(torch::equal(golden.tensor("start." + name), want)) << name;
  }
}

TEST_P(OptimizerRule, ContinuesFromItsStateAndSettings) {
  GoldenSteps golden;
  Optimizer first = golden.optimizer(GetParam());
  golden.step(first, 0, 2);
  Optimizer second = golden.optimizer(GetParam());
  EXPECT_TRUE(load_settings(second, optimizer_settings(first)).empty());
  second.load(first.state());
  golden.step(second, 2, 4);
  for (const auto& [name, param] : golden.params)
    EXPECT_TRUE(torch::allclose(param, golden.tensor(GetParam() + "." + name), 1e-5, 1e-6));
}

INSTANTIATE_TEST_SUITE_P(All, OptimizerRule,
                         ::testing::Values("rmsprop", "rmsprop_centered", "lars", "lars_nesterov",
                                           "lamb", "lamb_clip"),
                         [](const auto& test) { return test.param; });

TEST(Lars, NeedsALearningRate) {
  const Value config = read_config_text("optimizer = dict(type='LARS')", "c.py").root;
  EXPECT_NE(failure_of([&] {
              (void)optimizers().make(*config.find("optimizer"), "optimizer", {});
            }).find("LARS needs the key 'lr'"),
            std::string::npos);
}

}  // namespace
}  // namespace pinfeed
