// SPDX-License-Identifier: Apache-2.0
// Configs of the new, pure-Python style (docs/specs/openmmlab-runtime.md, 4.7).
#include <gtest/gtest.h>

#include "tests/config/folder.h"

namespace pinfeed {
namespace {

using test::ConfigFolder;
using test::tree_or_message;

constexpr auto head = "from mmengine.config import read_base\nwith read_base():\n";

std::string lazy(const std::string& imports, const std::string& rest) {
  return head + imports + rest;
}

TEST(LazyConfig, ImportsTheNamesOfABase) {
  const ConfigFolder folder;
  folder.write("base/m.py", "model = dict(depth=50)\n_hidden = 1\nlr = 0.1\n");
  folder.write("c/a.py", lazy("    from ..base.m import *\n", "batch = 2\n"));
  EXPECT_EQ(tree_or_message("c/a.py"), "dict(model=dict(depth=50), _hidden=1, lr=0.1, batch=2)");
  folder.write("c/b.py", lazy("    from ..base.m import (model as net,\n        lr)\n", ""));
  EXPECT_EQ(tree_or_message("c/b.py"), "dict(net=dict(depth=50), lr=0.1)");
}

TEST(LazyConfig, LeavesBracesInItsStringsAndThoseOfItsBases) {
  const ConfigFolder folder;
  folder.write("x.py", "a = '{{ fileBasename }}'\n");
  folder.write("a.py",
               lazy("    from .x import *\n", "b = '{{fileBasename}}'\nc = '{{$NO_SUCH:}}'\n"));
  EXPECT_EQ(tree_or_message("a.py"),
            "dict(a='{{ fileBasename }}', b='{{fileBasename}}', c='{{$NO_SUCH:}}')");
  EXPECT_EQ(tree_or_message("x.py"), "dict(a='x.py')");
}

TEST(LazyConfig, TheLaterOfTwoBasesWinsAndAssignmentReplaces) {
  const ConfigFolder folder;
  folder.write("x.py", "a = dict(b=1)\nc = 1\n");
  folder.write("y.py", "c = 2\n");
  folder.write("a.py", lazy("    from .x import *\n    from .y import *\n", "a = dict(d=1)\n"));
  EXPECT_EQ(tree_or_message("a.py"), "dict(a=dict(d=1), c=2)");
}

TEST(LazyConfig, ChangesBasesByAttributesUpdateAndMerge) {
  const ConfigFolder folder;
  folder.write(
      "x.py",
      "model = dict(backbone=dict(type='R', depth=50), neck=[1])\nopt = dict(a=dict(b=1, c=2))\n");
  folder.write("a.py", lazy("    from .x import *\n",
                            "model.backbone.depth = 18\n"
                            "model.update(dict(backbone=dict(style='c')), neck=[2])\n"
                            "opt.merge(dict(a=dict(_delete_=True, d=3)))\n"));
  EXPECT_EQ(tree_or_message("a.py"),
            "dict(model=dict(backbone=dict(type='R', depth=18, style='c'), neck=[2]), "
            "opt=dict(a=dict(d=3)))");
}

TEST(LazyConfig, ImportedClassesAreDottedNames) {
  const ConfigFolder folder;
  folder.write(
      "a.py",
      "import torch.nn as nn\nimport torch\nfrom mmpretrain.models import (ResNet, ViT as V)\n"
      "model = dict(type=ResNet, act=dict(type=nn.GELU), neck=[V], opt=torch.optim.AdamW)\n");
  const Value root = read_config("a.py").root;
  const Value& model = *root.find("model");
  EXPECT_EQ(root.dict().size(), 1U);
  EXPECT_EQ(model.find("type")->dotted_name()->name, "mmpretrain.models.ResNet");
  EXPECT_EQ(model.find("act")->find("type")->dotted_name()->name, "torch.nn.GELU");
  EXPECT_EQ(model.find("neck")->items()[0].dotted_name()->name, "mmpretrain.models.ViT");
  EXPECT_EQ(model.find("opt")->dotted_name()->name, "torch.optim.AdamW");
}

TEST(LazyConfig, KeepsDottedNamesOfBases) {
  const ConfigFolder folder;
  folder.write("x.py", "from mmdet.models import FCOS\nmodel = dict(type=FCOS, n=1)\n");
  folder.write("a.py", lazy("    from .x import model\n", "model.update(n=2)\n"));
  const Value root = read_config("a.py").root;
  EXPECT_EQ(root.find("model")->find("type")->dotted_name()->name, "mmdet.models.FCOS");
}

TEST(LazyConfig, KeepsANameGivenToAnImport) {
  const ConfigFolder folder;
  folder.write("a.py", "from mmdet.datasets import CocoDataset\ndataset_type = CocoDataset\n");
  const Value root = read_config("a.py").root;
  EXPECT_EQ(root.dict().keys(), std::vector<std::string>{"dataset_type"});
  EXPECT_EQ(root.find("dataset_type")->dotted_name()->name, "mmdet.datasets.CocoDataset");
}

TEST(LazyConfig, ABaseHandsOnTheNamesThatItImported) {
  const ConfigFolder folder;
  folder.write("y.py", "from mmpretrain.models import MAEViT\nimport torch.nn as nn\nz = 1\n");
  folder.write("x.py", lazy("    from .y import *\n", "import copy\nfrom copy import deepcopy\n"));
  folder.write("a.py", lazy("    from .x import *\n",
                            "model = dict(type=MAEViT, act=dict(type=nn.GELU))\n"
                            "twin = deepcopy(model)\nother = copy.copy(twin)\n"));
  const Value root = read_config("a.py").root;
  EXPECT_EQ(root.dict().keys(), (std::vector<std::string>{"z", "model", "twin", "other"}));
  const Value& model = *root.find("model");
  EXPECT_EQ(model.find("type")->dotted_name()->name, "mmpretrain.models.MAEViT");
  EXPECT_EQ(model.find("act")->find("type")->dotted_name()->name, "torch.nn.GELU");
}

TEST(LazyConfig, ImportsANameThatABaseImported) {
  const ConfigFolder folder;
  folder.write("x.py", "from mmpretrain.models import MAEViT, ResNet\nmodel = dict(type=ResNet)\n");
  folder.write("a.py", lazy("    from .x import MAEViT, model\n", "model.update(type=MAEViT)\n"));
  const Value root = read_config("a.py").root;
  EXPECT_EQ(root.dict().keys(), std::vector<std::string>{"model"});
  EXPECT_EQ(root.find("model")->find("type")->dotted_name()->name, "mmpretrain.models.MAEViT");
}

TEST(LazyConfig, FindsBasesOfPackages) {
  const ConfigFolder folder;
  folder.write("mmdet/configs/_base_/m.py", "x = 1\n");
  folder.write("a.py", lazy("    from mmdet.configs._base_.m import *\n", ""));
  EXPECT_EQ(tree_or_message("a.py", {.config_paths = {{"mmdet", "mmdet"}}}), "dict(x=1)");
  EXPECT_EQ(tree_or_message("a.py"),
            "error: the base 'mmdet::configs/_base_/m.py' is not found\n"
            "  --> a.py:3:10\n"
            "   |     from mmdet.configs._base_.m import *\n"
            "   |          ^^^^^^^^^^^^^^^^^^^^^^\n"
            "help: pass the folder of the package: --config-path mmdet=DIR, or "
            "PINFEED_CONFIG_PATH=mmdet=DIR\n");
}

TEST(LazyConfig, NamesWhatABaseHas) {
  const ConfigFolder folder;
  folder.write("x.py", "model = 1\n");
  folder.write("a.py", lazy("    from .x import modl\n", ""));
  EXPECT_EQ(tree_or_message("a.py"),
            "error: the base x has no 'modl'\n"
            "  --> a.py:3:20\n"
            "   |     from .x import modl\n"
            "   |                    ^^^^\n"
            "help: did you mean 'model'?\n");
}

TEST(LazyConfig, DoesNotMixWithTheOldStyle) {
  const ConfigFolder folder;
  folder.write("old.py", "_base_ = 'x.py'\n");
  folder.write("x.py", "x = 1\n");
  folder.write("a.py", lazy("    from .old import *\n", ""));
  EXPECT_EQ(tree_or_message("a.py"),
            "error: 'old.py' has _base_ and 'a.py' has imports: the two styles do not mix\n"
            "  --> old.py:1:1\n"
            "   | _base_ = 'x.py'\n"
            "   | ^\n"
            "help: use one style for a config and all its bases\n");
}

TEST(LazyConfig, HasOneBlockOfBases) {
  const ConfigFolder folder;
  folder.write("x.py", "x = 1\n");
  folder.write("a.py", lazy("    from .x import *\n", "with read_base():\n    from .x import *\n"));
  EXPECT_EQ(tree_or_message("a.py"),
            "error: a config has only one 'with read_base():'\n"
            "  --> a.py:4:1\n"
            "   | with read_base():\n"
            "   | ^^^^\n"
            "help: write all imports of bases into one block\n");
}

}  // namespace
}  // namespace pinfeed
