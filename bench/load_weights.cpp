// SPDX-License-Identifier: Apache-2.0
// Prints how long the weights of a ViT-B (343 MB) take to load into a model, from .pth and
// .safetensors, beside `cat FILE >/dev/null`, and by how much the memory of the process rises.
// The files are in the page cache. The measurements of a round follow each other. On a busy machine
// compare the CPU time.
// Usage: load_weights FOLDER [ROUNDS]
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "pinfeed/core/clock.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {
namespace {

constexpr std::int64_t width = 768;
constexpr int blocks = 12;

void add(torch::nn::Module& module, const std::string& name, torch::IntArrayRef sizes) {
  module.register_parameter(name, torch::rand(sizes));
}

std::shared_ptr<torch::nn::Module> linear(std::int64_t in, std::int64_t out) {
  auto made = std::make_shared<torch::nn::Module>();
  add(*made, "weight", {out, in});
  add(*made, "bias", {out});
  return made;
}

std::shared_ptr<torch::nn::Module> block() {
  auto made = std::make_shared<torch::nn::Module>();
  auto attention = std::make_shared<torch::nn::Module>();
  auto mlp = std::make_shared<torch::nn::Module>();
  made->register_module("norm1", torch::nn::LayerNorm(std::vector<std::int64_t>{width}));
  made->register_module("norm2", torch::nn::LayerNorm(std::vector<std::int64_t>{width}));
  attention->register_module("qkv", linear(width, 3 * width));
  attention->register_module("proj", linear(width, width));
  mlp->register_module("fc1", linear(width, 4 * width));
  mlp->register_module("fc2", linear(4 * width, width));
  made->register_module("attn", attention);
  made->register_module("mlp", mlp);
  return made;
}

std::shared_ptr<torch::nn::Module> vit() {
  auto made = std::make_shared<torch::nn::Module>();
  auto patches = std::make_shared<torch::nn::Module>();
  patches->register_module("proj", linear(3 * 16 * 16, width));
  made->register_module("patch_embed", patches);
  add(*made, "pos_embed", {1, 197, width});
  torch::nn::ModuleList list;
  for (int i = 0; i < blocks; ++i) list->push_back(block());
  made->register_module("blocks", list);
  return made;
}

struct Figures {
  std::string name;
  std::function<void()> work;
  std::vector<double> wall = {};  // milliseconds
  std::vector<double> cpu = {};
  std::size_t memory = 0;  // by how much the peak rose
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}
double least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

// CPU time of this process and of its children that have ended.
double cpu_milliseconds() {
  double sum = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    ::rusage usage = {};
    ::getrusage(who, &usage);
    for (const ::timeval& time : {usage.ru_utime, usage.ru_stime})
      sum += 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
  }
  return sum;
}

std::size_t status_bytes(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::size_t kib = 0;
    if (key == wanted + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

void measure(Figures& figures) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what is in use now
  const std::size_t before = status_bytes("VmRSS");
  const double cpu = cpu_milliseconds();
  const double start = clock_seconds();
  figures.work();
  figures.wall.push_back(1e3 * (clock_seconds() - start));
  figures.cpu.push_back(cpu_milliseconds() - cpu);
  const std::size_t peak = status_bytes("VmHWM");
  figures.memory = std::max(figures.memory, peak - std::min(peak, before));
}

void run_cat(const std::string& path) {
  if (std::system(("cat '" + path + "' >/dev/null").c_str()) != 0)
    throw std::runtime_error("cat " + path + " failed");
}

// The first accesses of all tensors through the mapping: what loading did before it read the file.
void copy_mapped(const std::string& path, const Tensors& model) {
  const torch::NoGradGuard no_gradients;
  const WeightsFile file = read_weights_file(path);
  for (const auto& [name, tensor] : file.weights)
    torch::Tensor(model.at(name)).copy_(to_torch(tensor));
}

void measure_file(const std::string& path, torch::nn::Module& model, int rounds) {
  const Tensors tensors = named_tensors(model);
  std::vector<Figures> all = {{"cat", [&] { run_cat(path); }},
                              {"load_weights", [&] { load_weights(model, path); }},
                              {"copy of mapped", [&] { copy_mapped(path, tensors); }}};
  run_cat(path);
  for (int i = 0; i < rounds; ++i) {
    for (Figures& figures : all) measure(figures);
  }
  const std::size_t bytes = std::filesystem::file_size(path);
  fmt::print("{}: {:.0f} MB\n", path, 1e-6 * static_cast<double>(bytes));
  const Figures& cat = all.front();
  const auto column = [](const char* name, double ours, double theirs) {
    fmt::print(", {} {:.1f} ms ({:.2f})", name, ours, ours / theirs);
  };
  for (const Figures& figures : all) {
    fmt::print("  {:<14}", figures.name);
    column("median", median(figures.wall), median(cat.wall));
    column("least", least(figures.wall), least(cat.wall));
    column("CPU median", median(figures.cpu), median(cat.cpu));
    column("least", least(figures.cpu), least(cat.cpu));
    fmt::print(", memory +{:.3f} of the file\n",
               static_cast<double>(figures.memory) / static_cast<double>(bytes));
  }
}

void run(const std::string& folder, int rounds) {
  std::filesystem::create_directories(folder);
  const auto model = vit();
  std::vector<std::pair<std::string, Tensor>> weights;
  for (const auto& [name, tensor] : named_tensors(*model))
    weights.emplace_back(name, from_torch(tensor.detach()));
  const std::string pth = folder + "/weights.pth";
  const std::string plain = folder + "/weights.safetensors";
  const std::string checked = folder + "/checkpoint.safetensors";
  write_pth(pth, weights);
  write_safetensors(plain, {.tensors = weights});
  write_safetensors(checked, {.tensors = weights, .checksum = true});
  for (const std::string& path : {pth, plain, checked}) measure_file(path, *model, rounds);
}

}  // namespace
}  // namespace pinfeed

int main(int argc, char** argv) {
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 21;
  pinfeed::run(argc > 1 ? argv[1] : ".", std::max(rounds, 1));
}
