// SPDX-License-Identifier: Apache-2.0
// The tables of docs/specs/openmmlab-data.md, 1.5 and 1.6: groups of DataContainers.
#include "collate_table.h"

namespace pinfeed {
namespace {

using DataContainerTable = CollateTable;

TEST_F(DataContainerTable, DataContainersAreStackedInGroups) {
  const std::vector<TreeNode> samples = {container(tensor(DType::uint8, {1, 2, 2}, 1), true, 9),
                                         container(tensor(DType::uint8, {1, 1, 3}, 2), true, 8),
                                         container(tensor(DType::uint8, {1, 1, 1}, 3), true)};
  const Layout result = layout(DefaultCollate{.samples_per_gpu = 2}, samples, arena);
  EXPECT_EQ(tree_text(result.batch), "DataContainer([uint8(2, 1, 2, 3), uint8(1, 1, 1, 1)])");
  const TreeNode& groups = result.batch.as<DataContainerNode>()->data[0];
  const auto values = numbers<std::uint8_t>(result, *groups.as<ListNode>()->items[0].as<Tensor>());
  EXPECT_EQ(values, (std::vector<std::uint8_t>{1, 1, 9, 1, 1, 9, 2, 2, 2, 8, 8, 8}));
}

TEST_F(DataContainerTable, DataContainersWithImagesPadThem) {
  const std::vector<TreeNode> samples = {map({{"img", container(image(4, 2), true)}}),
                                         map({{"img", container(image(3, 5), true)}})};
  EXPECT_EQ(stacked(samples), "{img: DataContainer([uint8(2, 3, 5, 4)])}");
}

TEST_F(DataContainerTable, OtherDataContainersListTheirPayloads) {
  EXPECT_EQ(stacked({container(tensor(DType::uint8, {2}), false),
                     container(tensor(DType::uint8, {3}), false)}),
            "DataContainer([[uint8(2,), uint8(3,)]])");
  const TreeNode batch = copied(
      layout(DefaultCollate{}, std::vector<TreeNode>{container(text("a"), true, 0, 2, true)}, arena)
          .batch,
      arena);
  EXPECT_EQ(tree_text(batch), "DataContainer([['a']])");
  EXPECT_TRUE(batch.as<DataContainerNode>()->cpu_only);
  EXPECT_FALSE(batch.as<DataContainerNode>()->stack);
}

TEST_F(DataContainerTable, DataContainersRefuseWhatCannotBePadded) {
  EXPECT_EQ(failure([&] {
              stacked({container(tensor(DType::uint8, {2, 2}), true)});
            }),
            "error: a DataContainer with pad_dims 2 needs more axes than pad_dims; its shape is "
            "(2, 2)\n");
  EXPECT_EQ(failure([&] {
              stacked({container(tensor(DType::uint8, {1, 2, 2}), true),
                       container(tensor(DType::uint8, {2, 2, 2}), true)});
            }),
            "error: cannot pad sample 1 of shape (2, 2, 2) where sample 0 has (1, 2, 2): only the "
            "last axes may differ\n");
  EXPECT_EQ(failure([&] { stacked({container(text("a"), true)}); }),
            "error: a DataContainer with stack=True must hold a tensor, not str\n");
  EXPECT_EQ(failure([&] {
              stacked({container(whole(1), false), whole(2)});
            }),
            "error: sample 1 has int where sample 0 has DataContainer\n");
}

TEST_F(DataContainerTable, GroupsHaveAtLeastOneSample) {
  EXPECT_EQ(failure([] {
              catalogs().collates.make(written("dict(type='default_collate', samples_per_gpu=0)"),
                                       "collate_fn", {.catalogs = &catalogs()});
            }),
            "error: samples_per_gpu is 0; it must be at least 1\n"
            "  --> <text>:1:5\n"
            "   | x = dict(type='default_collate', samples_per_gpu=0)\n"
            "   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "   at collate_fn\n");
}

TEST_F(DataContainerTable, MmcvsCollateHasGroupsOfOneSampleByDefault) {
  const std::vector<TreeNode> samples = {container(tensor(DType::uint8, {1, 2, 2}), true),
                                         container(tensor(DType::uint8, {1, 1, 3}), true)};
  EXPECT_EQ(tree_text(layout(GroupCollate{}, samples, arena).batch),
            "DataContainer([uint8(1, 1, 2, 2), uint8(1, 1, 1, 3)])");
  EXPECT_EQ(tree_text(layout(GroupCollate{.samples_per_gpu = 2}, samples, arena).batch),
            "DataContainer([uint8(2, 1, 2, 3)])");
}

TEST_F(DataContainerTable, MmcvsCollateIsReproducedWithoutItsDefects) {
  EXPECT_EQ(
      tree_text(layout(GroupCollate{}, std::vector<TreeNode>{text("a"), text("b")}, arena).batch),
      "['a', 'b']");
  EXPECT_EQ(failure([&] {
              (void)layout(GroupCollate{},
                           std::vector<TreeNode>{list({whole(1), whole(2)}), list({whole(3)})},
                           arena);
            }),
            "error: sample 1 has 1 items where sample 0 has 2\n");
}

}  // namespace
}  // namespace pinfeed
