// SPDX-License-Identifier: Apache-2.0
// Prints what a training costs besides the model: how long the saving of a checkpoint of 350 MB
// blocks it, beside a memcpy of the same bytes into memory that was used before, and the time of an
// iteration outside of forward pass, backward pass and optimizer, with the default hooks.
// Usage: train_overhead FOLDER
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "pinfeed/core/clock.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/train/checkpoint/checkpoint_writer.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/loop/trainer.h"

namespace pinfeed {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Work>
double seconds(Work work) {
  const double start = clock_seconds();
  work();
  return clock_seconds() - start;
}

void measure_saving(const std::string& folder) {
  constexpr int tensors = 100;
  Checkpoint checkpoint;
  for (int i = 0; i < tensors; ++i)
    checkpoint.weights["w" + std::to_string(i)] = torch::rand({875'000});  // 3.5 MB
  std::vector<char> from(350'000'000, 1);
  std::vector<char> to(from.size(), 2);
  CheckpointWriter writer;
  const auto save = [&] { writer.save(checkpoint, {{folder + "/saved.safetensors"}}, [] {}); };
  save();
  writer.wait();
  std::vector<double> blocked;
  std::vector<double> copied;
  for (int i = 0; i < 5; ++i) {
    copied.push_back(seconds([&] { std::memcpy(to.data(), from.data(), from.size()); }));
    blocked.push_back(seconds(save));
    writer.wait();
  }
  fmt::print("saving 350 MB blocks for {:.1f} ms, memcpy {:.1f} ms: {:.2f}\n",
             1e3 * median(blocked), 1e3 * median(copied), median(blocked) / median(copied));
}

// A model that computes nothing to speak of, and notes the time that it takes.
class SmallModel : public Model {
 public:
  SmallModel() : weight_(register_parameter("weight", torch::zeros({1}))) {}
  Losses losses(const ModelInput&) override { return {{"loss", (weight_ * 2).sum()}}; }

 private:
  torch::Tensor weight_;
};

class SameBatch : public Feed {
 public:
  explicit SameBatch(std::int64_t batches) : Feed(batches, true) {}
  LoaderState position() const override { return {}; }

 private:
  std::optional<ModelInput> load_next() override { return ModelInput{.images = images_}; }
  void seek_batch(const LoaderState&) override {}
  torch::Tensor images_ = torch::zeros({1});
};

// The seconds of an iteration of the bare arithmetic.
double bare_step(SmallModel& model, Optimizer& optimizer, int steps) {
  return seconds([&] {
           for (int i = 0; i < steps; ++i) {
             model.losses({}).front().second.backward();
             optimizer.step();
             optimizer.zero_grad();
           }
         }) /
         steps;
}

OptimizerPlan adamw() {
  Dict optimizer;
  optimizer.set("type", "AdamW");
  optimizer.set("lr", 1e-4);
  Dict wrapper;
  wrapper.set("optimizer", std::move(optimizer));
  Dict config;
  config.set("optim_wrapper", std::move(wrapper));
  return read_optim_wrapper(Value(std::move(config)));
}

void measure_iterations(const std::string& folder) {
  constexpr int steps = 2000;
  const auto model = std::make_shared<SmallModel>();
  const OptimizerPlan plan = adamw();
  Optimizer optimizer(plan.optimizer, param_groups(plan, *model));
  bare_step(*model, optimizer, 100);
  const double bare = bare_step(*model, optimizer, steps);
  Hooks hooks = default_hooks();
  Schedule schedule({}, optimizer.values());
  TrainLoop loop;
  loop.max_epochs = 1;
  TrainParts parts{.model = model,
                   .optimizer = std::move(optimizer),
                   .schedule = std::move(schedule),
                   .feed = std::make_unique<SameBatch>(steps),
                   .loop = std::move(loop),
                   .hooks = hooks};
  RunLog log(folder, "run", {});
  auto made = make_hooks(hooks);
  Trainer trainer(std::move(parts), std::move(made), log);
  const double whole = seconds([&] { trainer.run(); }) / steps;
  fmt::print("an iteration takes {:.1f} us more than forward, backward and optimizer ({:.1f} us)\n",
             1e6 * (whole - bare), 1e6 * bare);
}

}  // namespace
}  // namespace pinfeed

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  std::filesystem::create_directories(folder);
  torch::manual_seed(0);
  pinfeed::measure_saving(folder);
  pinfeed::measure_iterations(folder);
}
