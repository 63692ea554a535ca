// SPDX-License-Identifier: Apache-2.0
// Trains a few steps on dumped batches and prints "step loss seconds CPU-seconds" for each: the
// native side of bench/train_step.py and bench/detector_steps.py. Usage: train_steps CONFIG WEIGHTS
// BATCHES STEPS [DEVICE [float32|bfloat16]]; without WEIGHTS on disk, it writes those that the
// config and seed 0 give. With a number for BATCHES it takes the first ones of train_dataloader.
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>
#include <filesystem>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/host_feed.h"
#include "pinfeed/train/input/packed_samples.h"
#include "pinfeed/train/input/preprocessor.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/optim/optimizer.h"
#include "pinfeed/train/optim/param_groups.h"

namespace {

using pinfeed::ModelInput;
using pinfeed::SafetensorsFile;

ModelInput batch_of(const SafetensorsFile& file, int number,
                    const pinfeed::Preprocessing& preprocessing) {
  const std::string k = std::to_string(number) + ".";
  ModelInput input;
  std::vector<pinfeed::Tensor> images;
  if (const pinfeed::Tensor* stacked = file.find(k + "inputs")) images.push_back(*stacked);
  for (int i = 0; const pinfeed::Tensor* image = file.find(k + "inputs." + std::to_string(i));
       ++i) {
    images.push_back(*image);
  }
  input.images = pinfeed::preprocessed(preprocessing, images, torch::kCPU);
  for (int i = 0; const pinfeed::Tensor* boxes = file.find(k + std::to_string(i) + ".bboxes");
       ++i) {
    const pinfeed::Tensor* labels = file.find(k + std::to_string(i) + ".labels");
    input.data_samples.push_back(
        {.boxes = pinfeed::to_torch(*boxes), .labels = pinfeed::to_torch(*labels)});
  }
  return input;
}

std::vector<ModelInput> read_batches(const std::string& path, const pinfeed::Value& config) {
  const SafetensorsFile file = pinfeed::read_safetensors(path);
  const pinfeed::Preprocessing preprocessing = pinfeed::read_preprocessing(config);
  std::vector<ModelInput> batches;
  const auto there = [&](int k) {
    const std::string name = std::to_string(k) + ".inputs";
    return file.find(name) != nullptr || file.find(name + ".0") != nullptr;
  };
  for (int k = 0; there(k); ++k) batches.push_back(batch_of(file, k, preprocessing));
  return batches;
}

// Without keys: the models draw from torch's generator, as upstream's do.
std::vector<ModelInput> loaded_batches(int count, const pinfeed::Value& config) {
  const auto loader = std::make_shared<pinfeed::Loader>(pinfeed::make_loader(
      config, "train_dataloader", pinfeed::builtin(), pinfeed::loader_options(config)));
  pinfeed::HostFeed feed(loader, pinfeed::read_preprocessing(config), torch::kCPU);
  std::vector<ModelInput> batches;
  for (int i = 0; i < count; ++i) {
    std::optional<ModelInput> batch = feed.next();
    if (!batch) break;
    batch->random = {};
    batches.push_back(std::move(*batch));
  }
  return batches;
}

bool is_number(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void write_weights(const torch::nn::Module& model, const std::string& path) {
  SafetensorsFile file;
  for (const auto& [name, tensor] : pinfeed::named_tensors(model)) {
    file.tensors.emplace_back(name, pinfeed::from_torch(tensor.detach()));
  }
  pinfeed::write_safetensors(path, file);
}

double step(pinfeed::Model& model, pinfeed::Optimizer& optimizer, const ModelInput& input) {
  torch::Tensor total = torch::zeros({}, input.images.options());
  for (const auto& [name, loss] : model.losses(input)) {
    if (name.find("loss") != std::string::npos) total = total + loss;
  }
  at::autocast::clear_cache();
  total.backward();
  optimizer.step();
  optimizer.zero_grad();
  return total.item<double>();
}

int run(const std::vector<std::string>& arguments) {
  const pinfeed::Value config = pinfeed::read_config(arguments[0]).root;
  torch::manual_seed(0);
  const auto model = pinfeed::make_model(*config.find("model"), "model");
  if (!std::filesystem::exists(arguments[1])) write_weights(*model, arguments[1]);
  pinfeed::load_weights(*model, arguments[1]);
  const torch::Device device = pinfeed::chosen_device(arguments.size() > 4 ? arguments[4] : "cpu");
  if (arguments.size() > 5 && arguments[5] == "bfloat16") {
    at::autocast::set_autocast_enabled(device.type(), true);
    at::autocast::set_autocast_dtype(device.type(), at::kBFloat16);
  }
  model->to(device);
  std::vector<ModelInput> batches = is_number(arguments[2])
                                        ? loaded_batches(std::stoi(arguments[2]), config)
                                        : read_batches(arguments[2], config);
  for (ModelInput& batch : batches) {
    batch.images = batch.images.to(device);
    pinfeed::move_to(batch.data_samples, device);
  }
  const pinfeed::OptimizerPlan plan = pinfeed::read_optim_wrapper(config);
  pinfeed::Optimizer optimizer(plan.optimizer, pinfeed::param_groups(plan, *model));
  model->train();
  torch::manual_seed(0);
  for (int i = 0; i < std::stoi(arguments[3]); ++i) {
    const double cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    const double loss =
        step(*model, optimizer, batches[static_cast<std::size_t>(i) % batches.size()]);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    fmt::print("{} {:.9g} {:.6f} {:.6f}\n", i, loss, seconds.count(), cpu_seconds() - cpu);
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  if (arguments.size() < 4 || arguments.size() > 6) {
    fmt::print(stderr,
               "usage: train_steps CONFIG WEIGHTS BATCHES STEPS [DEVICE [float32|bfloat16]]\n");
    return 2;
  }
  try {
    return run(arguments);
  } catch (const pinfeed::Error& error) {
    fmt::print(stderr, "{}", error.message());
    return pinfeed::exit_code(error.kind());
  }
}
