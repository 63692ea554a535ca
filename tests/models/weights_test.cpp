// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/weights.h"

#include <gtest/gtest.h>

#include <fstream>

#include "pinfeed/formats/safetensors.h"
#include "pinfeed/formats/weights/weights_folder.h"
#include "pinfeed/models/resize_weights.h"
#include "pinfeed/models/torch_tensor.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

// A module with the names of a ViT, in a detector or alone.
std::shared_ptr<torch::nn::Module> vit() {
  auto made = std::make_shared<torch::nn::Module>();
  made->register_parameter("pos_embed", torch::zeros({1, 5, 4}));
  auto block = std::make_shared<torch::nn::Module>();
  block->register_module("norm1", torch::nn::LayerNorm(std::vector<std::int64_t>{4}));
  auto mlp = std::make_shared<torch::nn::Module>();
  mlp->register_module("fc1", torch::nn::Linear(torch::nn::LinearOptions(4, 8).bias(false)));
  block->register_module("mlp", mlp);
  block->register_parameter("rel_pos_h", torch::zeros({3}));
  torch::nn::ModuleList blocks;
  blocks->push_back(block);
  made->register_module("blocks", blocks);
  return made;
}

std::shared_ptr<torch::nn::Module> detector() {
  auto made = std::make_shared<torch::nn::Module>();
  made->register_module("backbone", vit());
  return made;
}

std::string saved(const TestFolder& folder, const Tensors& tensors) {
  SafetensorsFile file;
  for (const auto& [name, tensor] : tensors) file.tensors.emplace_back(name, from_torch(tensor));
  write_safetensors(folder / "weights.safetensors", file);
  return folder / "weights.safetensors";
}

Tensors mae_checkpoint() {
  return {{"cls_token", torch::ones({1, 1, 4})},
          {"pos_embed", torch::full({1, 5, 4}, 2.0)},
          {"blocks.0.norm1.weight", torch::full({4}, 3.0)},
          {"blocks.0.norm1.bias", torch::full({4}, 4.0)},
          {"blocks.0.mlp.fc1.weight", torch::full({8, 4}, 5.0)},
          {"norm.weight", torch::ones({4})},
          {"decoder_embed.weight", torch::ones({2, 4})}};
}

double value(const torch::nn::Module& module, const std::string& name) {
  return named_tensors(module).at(name).flatten()[0].item<double>();
}

TEST(Weights, OfAMaskedAutoencoderFitADetector) {
  const TestFolder folder;
  const auto model = detector();
  const WeightsReport report = load_weights(*model, saved(folder, mae_checkpoint()));
  EXPECT_EQ(report.loaded, 4U);
  EXPECT_EQ(report.missing, (std::vector<std::string>{"backbone.blocks.0.rel_pos_h"}));
  EXPECT_EQ(report.dropped,
            (std::vector<std::string>{"cls_token", "decoder_embed.weight", "norm.weight"}));
  EXPECT_TRUE(report.unexpected.empty());
  EXPECT_EQ(value(*model, "backbone.pos_embed"), 2.0);
  EXPECT_EQ(value(*model, "backbone.blocks.0.mlp.fc1.weight"), 5.0);
  EXPECT_EQ(value(*model, "backbone.blocks.0.rel_pos_h"), 0.0);
}

TEST(Weights, OfADetectorFitItsBackboneAlone) {
  const TestFolder folder;
  const auto model = vit();
  Tensors stored;
  for (const auto& [name, tensor] : mae_checkpoint()) stored["module.backbone." + name] = tensor;
  EXPECT_EQ(load_weights(*model, saved(folder, stored)).loaded, 4U);
  EXPECT_EQ(value(*model, "blocks.0.norm1.bias"), 4.0);
}

TEST(Weights, OfMmpretrainHaveOtherNames) {
  const TestFolder folder;
  const auto model = detector();
  const Tensors stored = {{"backbone.layers.0.ln1.weight", torch::full({4}, 6.0)},
                          {"backbone.layers.0.ffn.layers.0.0.weight", torch::full({8, 4}, 7.0)},
                          {"backbone.cls_token", torch::ones({1, 1, 4})}};
  const WeightsReport report = load_weights(*model, saved(folder, stored));
  EXPECT_EQ(report.loaded, 2U);
  EXPECT_EQ(report.dropped, (std::vector<std::string>{"backbone.cls_token"}));
  EXPECT_EQ(value(*model, "backbone.blocks.0.norm1.weight"), 6.0);
  EXPECT_EQ(value(*model, "backbone.blocks.0.mlp.fc1.weight"), 7.0);
}

TEST(Weights, OfAnotherModelAreRefused) {
  const TestFolder folder;
  const std::string path = saved(folder, {{"layer1.0.conv1.weight", torch::ones({2})}});
  EXPECT_EQ(failure_of([&] { load_weights(*detector(), path); }),
            "error: cannot load " + path +
                ": it belongs to another model: none of its 1 tensors has a name of this "
                "model\nhelp: its first tensors are layer1.0.conv1.weight\n");
  const std::string wide = saved(folder, {{"pos_embed", torch::ones({1, 5, 6})}});
  EXPECT_EQ(failure_of([&] { load_weights(*detector(), wide); }),
            "error: cannot load " + wide +
                ": it belongs to another model: 'backbone.pos_embed' is (1, 5, 6) in the "
                "file and (1, 5, 4) in the model\n");
}

// As in mmengine: a detector of 80 classes starts one of 5.
TEST(Weights, OfOtherShapesAreSkippedAndReported) {
  const TestFolder folder;
  const auto model = detector();
  Tensors stored = mae_checkpoint();
  stored["blocks.0.mlp.fc1.weight"] = torch::full({80, 4}, 5.0);
  const WeightsReport report = load_weights(*model, saved(folder, stored));
  EXPECT_EQ(report.loaded, 3U);
  EXPECT_EQ(value(*model, "backbone.blocks.0.norm1.bias"), 4.0);
  EXPECT_EQ(named_tensors(*model).at("backbone.blocks.0.mlp.fc1.weight").size(0), 8);
  EXPECT_EQ(load_warnings(report, "F"),
            (std::vector<std::string>{
                "1 tensors of the model are not in F and keep their initial values: "
                "backbone.blocks.0.rel_pos_h",
                "1 tensors of F are not loaded, because their shapes or types differ: "
                "'backbone.blocks.0.mlp.fc1.weight' is (80, 4) in the file and (8, 4) in the "
                "model"}));
}

TEST(Weights, OfOtherTypesAreConvertedOrReported) {
  const TestFolder folder;
  const auto model = detector();
  Tensors stored = mae_checkpoint();
  for (auto& [name, tensor] : stored) tensor = tensor.to(torch::kHalf);
  stored["blocks.0.mlp.fc1.weight"] = torch::full({8, 4}, 5, torch::kLong);
  const WeightsReport report = load_weights(*model, saved(folder, stored));
  EXPECT_EQ(value(*model, "backbone.blocks.0.norm1.bias"), 4.0);
  EXPECT_EQ(named_tensors(*model).at("backbone.blocks.0.norm1.bias").dtype(), torch::kFloat);
  EXPECT_EQ(report.unfit,
            (std::vector<std::string>{"'backbone.blocks.0.mlp.fc1.weight' is int64 in the file and "
                                      "float32 in the model"}));
}

std::shared_ptr<torch::nn::Module> detector_with_patches() {
  const auto made = detector();
  auto patches = std::make_shared<torch::nn::Module>();
  patches->register_module("proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 4, 16)));
  made->named_children()["backbone"]->register_module("patch_embed", patches);
  return made;
}

TEST(Weights, OfOtherPositionsAreResized) {
  const TestFolder folder;
  const auto model = detector();
  const torch::Tensor grid = torch::arange(16, torch::kFloat).view({1, 16, 1}).expand({1, 16, 4});
  const torch::Tensor first = torch::full({1, 1, 4}, -1.0);
  const std::string path = saved(folder, {{"pos_embed", torch::cat({first, grid}, 1)}});
  const WeightsReport report = load_weights(*model, path);
  EXPECT_EQ(report.loaded, 1U);
  EXPECT_NE(summary(report, "F")
                .find("; 1 resized: 'backbone.pos_embed' is (1, 17, 4) in the "
                      "file and (1, 5, 4) in the model"),
            std::string::npos)
      << summary(report, "F");
  const torch::Tensor have = named_tensors(*model).at("backbone.pos_embed").detach();
  const torch::Tensor grid_of_four = grid.reshape({1, 4, 4, 4}).permute({0, 3, 1, 2});
  const torch::Tensor want = torch::upsample_bicubic2d(grid_of_four, {2, 2}, false);
  EXPECT_TRUE(torch::allclose(have.narrow(1, 1, 4), want.flatten(2).transpose(1, 2)));
  EXPECT_EQ(have[0][0][0].item<float>(), -1.0F);
  const std::string without = saved(folder, {{"pos_embed", grid}});
  load_weights(*model, without);
  EXPECT_EQ(value(*model, "backbone.pos_embed"), -1.0) << "the model's own";
}

TEST(Weights, OfPositionsThatAreNoGridNameTheKeyToSet) {
  const TestFolder folder;
  const std::string path = saved(folder, {{"pos_embed", torch::ones({1, 7, 4})}});
  EXPECT_EQ(failure_of([&] { load_weights(*detector_with_patches(), path); }),
            "error: cannot load " + path +
                ": it belongs to another model: 'backbone.pos_embed' is (1, 7, 4) in the file "
                "and (1, 5, 4) in the model\n");
}

TEST(Weights, OfRelativePositionsAreResized) {
  const torch::Tensor stored = torch::arange(5, torch::kFloat).view({5, 1}).expand({5, 2});
  const torch::Tensor wide = resized_weight("blocks.0.attn.rel_pos_h", stored, torch::ones({9, 2}));
  ASSERT_EQ(wide.sizes(), (torch::IntArrayRef{9, 2}));
  EXPECT_NEAR(wide[4][0].item<double>(), 2.0, 1e-6);
  EXPECT_FALSE(resized_weight("rel_pos_h", stored, torch::ones({9, 3})).defined());
  EXPECT_FALSE(resized_weight("decoder_pos_embed", stored, torch::ones({9, 2})).defined());
}

TEST(Weights, BelowAPrefixLoseIt) {
  const TestFolder folder;
  const auto model = vit();
  const std::string path = saved(folder, {{"backbone.blocks.0.norm1.weight", torch::full({4}, 3.0)},
                                          {"blocks.0.norm1.weight", torch::full({4}, 8.0)}});
  EXPECT_EQ(load_weights(*model, path, "backbone").loaded, 1U);
  EXPECT_EQ(value(*model, "blocks.0.norm1.weight"), 3.0);
  EXPECT_EQ(failure_of([&] { load_weights(*model, path, "encoder."); }),
            "error: no tensor of " + path + " has the prefix 'encoder.'\n");
}

TEST(Weights, OfPreTrainingAreBelowThePrefixesOfMmpretrain) {
  const TestFolder folder;
  const auto model = vit();
  const std::string path = saved(folder, mae_checkpoint());
  EXPECT_EQ(load_weights(*model, path, "backbone.").loaded, 4U);
  EXPECT_EQ(value(*model, "blocks.0.norm1.weight"), 3.0);
  EXPECT_EQ(value(*model, "blocks.0.mlp.fc1.weight"), 5.0);
  EXPECT_EQ(failure_of([&] { load_weights(*model, path, "head."); }),
            "error: no tensor of " + path + " has the prefix 'head.'\n");
}

// As MAE's own checkpoints: the tensors are under 'model'.
TEST(Weights, AreReadFromPth) {
  const TestFolder folder;
  const auto source = detector();
  const torch::NoGradGuard no_gradients;
  for (auto& item : source->named_parameters()) item.value().fill_(0.25);
  c10::impl::GenericDict state(c10::StringType::get(), c10::TensorType::get());
  for (const auto& item : source->named_parameters()) state.insert(item.key(), item.value());
  c10::impl::GenericDict checkpoint(
      c10::StringType::get(),
      c10::DictType::create(c10::StringType::get(), c10::TensorType::get()));
  checkpoint.insert("model", state);
  const std::vector<char> bytes = torch::pickle_save(c10::IValue(checkpoint));
  const std::string path = folder / "mae.pth";
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  const auto target = detector();
  const WeightsReport report = load_weights(*target, path);
  EXPECT_EQ(report.loaded, source->named_parameters().size());
  for (const auto& item : target->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), torch::full_like(item.value(), 0.25))) << item.key();
  }
}

TEST(Weights, AreNotDownloaded) {
  EXPECT_EQ(failure_of([] { load_weights(*detector(), "https://host/a/mae.pth"); }),
            "error: cannot load https://host/a/mae.pth: pinfeed downloads nothing\n"
            "help: fetch it with `curl -LO https://host/a/mae.pth` and name its folder with "
            "--weights-dir or PINFEED_WEIGHTS, or give the path of a file\n");
  EXPECT_EQ(failure_of([] { local_weights("torchvision://resnet50", "no/such"); }),
            "error: cannot load torchvision://resnet50: pinfeed downloads nothing, and no/such has "
            "no file resnet50-0676ba61.pth\n"
            "help: fetch it with `curl -LO "
            "https://download.pytorch.org/models/resnet50-0676ba61.pth` and put it there, or give "
            "the path of a file\n");
}

TEST(Weights, AreLookedUpInAFolder) {
  const TestFolder folder;
  for (const char* name : {"resnet50-0676ba61.pth", "resnet50_caffe-788b5fa3.pth", "mae.pth"})
    std::ofstream(folder / name) << "x";
  EXPECT_EQ(local_weights("torchvision://resnet50", folder.path()),
            folder / "resnet50-0676ba61.pth");
  EXPECT_EQ(local_weights("open-mmlab://detectron/resnet50_caffe", folder.path()),
            folder / "resnet50_caffe-788b5fa3.pth");
  EXPECT_EQ(local_weights("https://host/a/mae.pth", folder.path()), folder / "mae.pth");
  EXPECT_EQ(local_weights("mae.pth", folder.path()), folder / "mae.pth");
  EXPECT_EQ(local_weights("other.pth", folder.path()), "other.pth");
  EXPECT_NE(failure_of([&] {
              local_weights("torchvision://resnet51", folder.path());
            }).find("the names are resnet18, resnet34"),
            std::string::npos);
}

TEST(Weights, HaveASummaryOfOneLineAndWarnings) {
  const WeightsReport report{
      .loaded = 4, .missing = {"a", "b"}, .unexpected = {"c"}, .dropped = {"cls_token"}};
  EXPECT_EQ(summary(report, "F"), "loaded 4 tensors of F; 1 serve pre-training only: cls_token");
  EXPECT_EQ(load_warnings(report, "F"),
            (std::vector<std::string>{
                "2 tensors of the model are not in F and keep their initial values: a, b",
                "1 tensors of F are not in the model: c"}));
}

}  // namespace
}  // namespace pinfeed
