// SPDX-License-Identifier: Apache-2.0
// `pinfeed weights --to`, and weights that are named by a URL.
#include <gtest/gtest.h>

#include "pinfeed/formats/safetensors.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

// A file of tensors with these names.
void write_names(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  SafetensorsFile file;
  for (const std::string& name : names)
    file.tensors.emplace_back(name, Tensor::empty(DType::float32, {1}));
  write_safetensors((folder.path() / "w.safetensors").string(), file);
}

std::vector<std::string> names_in(const TemporaryFolder& folder, const std::string& file) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : read_safetensors((folder.path() / file).string()).tensors)
    names.push_back(name);
  return names;
}

TEST(WeightsCommand, WritesTheNamesOfAnotherLayout) {
  const TemporaryFolder folder;
  write_names(folder, {"blocks.0.mlp.fc2.bias", "cls_token", "mask_token"});
  const Outcome pretrained = program(
      {"weights", "w.safetensors", "--to", "mmpretrain", "--out", "p.safetensors"}, folder.path());
  ASSERT_EQ(pretrained.code, 0) << pretrained.err;
  EXPECT_EQ(names_in(folder, "p.safetensors"),
            (std::vector<std::string>{"backbone.layers.0.ffn.layers.1.bias", "backbone.cls_token",
                                      "neck.mask_token"}));
  const Outcome detector = program(
      {"weights", "p.safetensors", "--to", "mmdet", "--out", "d.safetensors"}, folder.path());
  ASSERT_EQ(detector.code, 0) << detector.err;
  EXPECT_EQ(names_in(folder, "d.safetensors"),
            (std::vector<std::string>{"backbone.blocks.0.mlp.fc2.bias"}));
  EXPECT_EQ(detector.err,
            "left out, because they have no name in mmdet: 2 of 3 tensors: backbone.cls_token, "
            "neck.mask_token\nwrote 1 tensors to d.safetensors\n");
}

TEST(WeightsCommand, RefusesNamesThatNoLayoutHas) {
  const TemporaryFolder folder;
  write_names(folder, {"layer1.0.conv1.weight"});
  const Outcome outcome = program(
      {"weights", "w.safetensors", "--to", "timm", "--out", "d.safetensors"}, folder.path());
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err,
            "error: --to: no tensor of the file has a name in timm\n"
            "help: its first tensors are layer1.0.conv1.weight\n");
  EXPECT_EQ(program({"weights", "w.safetensors", "--to", "torch", "--out", "d.safetensors"},
                    folder.path())
                .code,
            2);
}

}  // namespace
}  // namespace pinfeed::test
