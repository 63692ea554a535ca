// SPDX-License-Identifier: Apache-2.0
// A plugin with a model and a hook. Usage: pinfeed train config.py --plugin
// libexample_train_plugin.so
#include "pinfeed/train_plugin.h"

#include <memory>
#include <string>

namespace pf = pinfeed;
namespace mine {

// Predicts how many objects an image has.
struct ObjectCounter {
  static constexpr auto name = "ObjectCounter";
  int channels = 8;
};
void describe(pf::Schema<ObjectCounter>& schema) {
  schema.summary("Predicts the number of objects in an image.")
      .optional("channels", &ObjectCounter::channels, "channels of the hidden layers",
                pf::at_least(1));
}

class ObjectCounterNet : public pf::Model {
 public:
  explicit ObjectCounterNet(const ObjectCounter& params) {
    using torch::nn::Conv2dOptions;
    conv1_ =
        register_module("conv1", torch::nn::Conv2d(Conv2dOptions(3, params.channels, 5).stride(4)));
    conv2_ = register_module(
        "conv2", torch::nn::Conv2d(Conv2dOptions(params.channels, params.channels, 3).stride(2)));
    out_ = register_module("out", torch::nn::Linear(params.channels, 1));
  }

  pf::Losses losses(const pf::ModelInput& input) override {
    torch::Tensor counts = torch::empty({input.images.size(0)});
    for (std::size_t i = 0; i < input.data_samples.size(); ++i)
      counts[static_cast<std::int64_t>(i)] = input.data_samples[i].boxes.size(0);
    const torch::Tensor map = torch::relu(conv2_(torch::relu(conv1_(input.images))));
    const torch::Tensor predicted = out_(map.mean({2, 3})).squeeze(1);
    return {{"loss_count", torch::l1_loss(predicted, counts.to(predicted.device()))}};
  }

 private:
  torch::nn::Conv2d conv1_ = nullptr;
  torch::nn::Conv2d conv2_ = nullptr;
  torch::nn::Linear out_ = nullptr;
};
std::shared_ptr<pf::Model> make_network(const ObjectCounter& params) {
  return std::make_shared<ObjectCounterNet>(params);
}

// Ends the training when the loss was below a limit in several iterations in a row.
struct StopBelowHook {
  static constexpr auto name = "StopBelowHook";
  static constexpr int default_priority = 70;
  double loss = 0.0;
  std::int64_t times = 3;
};
void describe(pf::Schema<StopBelowHook>& schema) {
  schema.summary("Ends the training when the loss stays below a limit.")
      .required("loss", &StopBelowHook::loss, "the limit")
      .optional("times", &StopBelowHook::times, "iterations in a row", pf::at_least(1));
}

class StopBelow : public pf::Hook {
 public:
  explicit StopBelow(const StopBelowHook& params) : params_(params) {}

  void after_train_iter(pf::Runner& runner, const pf::ModelInput&,
                        const pf::StepResult& result) override {
    below_ = result.loss.item<double>() < params_.loss ? below_ + 1 : 0;
    if (below_ >= params_.times)
      runner.stop_reason = "the loss was below " + std::to_string(params_.loss) + " " +
                           std::to_string(below_) + " times";
  }

  // What a resumed training needs.
  std::string state_name() const override { return StopBelowHook::name; }
  pf::Dict state() const override {
    pf::Dict state;
    state.set("below", below_);
    return state;
  }
  void load(const pf::Value& state) override {
    below_ = pf::value_in<std::int64_t>(state, "below");
  }

 private:
  StopBelowHook params_;
  std::int64_t below_ = 0;
};
std::unique_ptr<pf::Hook> make_hook(const StopBelowHook& params) {
  return std::make_unique<StopBelow>(params);
}

}  // namespace mine

void pinfeed_add_parts(pf::Catalogs& catalogs) {
  catalogs.models.add<mine::ObjectCounter>();
  catalogs.hooks.add<mine::StopBelowHook>();
}
