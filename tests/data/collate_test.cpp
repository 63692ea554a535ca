// SPDX-License-Identifier: Apache-2.0
// The tables of docs/specs/openmmlab-data.md, 1.1 to 1.3.
#include "collate_table.h"

namespace pinfeed {
namespace {

using DefaultCollateTable = CollateTable;
using PseudoCollateTable = CollateTable;
using PadCollateTable = CollateTable;

TEST_F(DefaultCollateTable, StacksTensorsOfOneShape) {
  EXPECT_EQ(stacked({tensor(DType::int32, {2, 3}), tensor(DType::int32, {2, 3})}),
            "int32(2, 2, 3)");
  EXPECT_EQ(stacked({tensor(DType::float32, {}), tensor(DType::float32, {})}), "float32(2,)");
  EXPECT_EQ(stacked({tensor(DType::float32, {0, 4})}), "float32(1, 0, 4)");
}

TEST_F(DefaultCollateTable, PromotesAsTheMainProcessDoes) {
  EXPECT_EQ(stacked({tensor(DType::int64, {2}), tensor(DType::float32, {2})}), "float32(2, 2)");
  EXPECT_EQ(stacked({tensor(DType::float32, {2}), tensor(DType::float64, {2})}), "float64(2, 2)");
  EXPECT_EQ(stacked({tensor(DType::uint8, {2}), tensor(DType::int16, {2})}), "int16(2, 2)");
  EXPECT_EQ(promoted(DType::float16, DType::bfloat16), DType::float32);
}

TEST_F(DefaultCollateTable, ConvertsTheNumbersThatItPromotes) {
  const std::vector<TreeNode> samples = {tensor(DType::uint8, {2}, 7),
                                         tensor(DType::float32, {2}, 0)};
  const Layout result = layout(DefaultCollate{}, samples, arena);
  const auto values = numbers<float>(result, *result.batch.as<Tensor>());
  EXPECT_EQ(values, (std::vector<float>{7.0F, 7.0F, 0.0F, 0.0F}));
}

TEST_F(DefaultCollateTable, MakesTensorsOfNumbers) {
  EXPECT_EQ(stacked({real(0.5), whole(1)}), "float64(2,)");
  EXPECT_EQ(stacked({whole(1), whole(2)}), "int64(2,)");
  EXPECT_EQ(stacked({{true}, {false}}), "bool(2,)");
  EXPECT_EQ(stacked({{true}, whole(2)}), "int64(2,)");
  EXPECT_EQ(stacked({whole(1), real(0.5)}), "float32(2,)");
  EXPECT_EQ(stacked({{true}, real(0.5)}), "float32(2,)");
}

TEST_F(DefaultCollateTable, KeepsTheValuesOfNumbers) {
  const Layout ints = layout(DefaultCollate{}, std::vector<TreeNode>{whole(-3), {true}}, arena);
  EXPECT_EQ(numbers<std::int64_t>(ints, *ints.batch.as<Tensor>()),
            (std::vector<std::int64_t>{-3, 1}));
  const Layout mixed = layout(DefaultCollate{}, std::vector<TreeNode>{whole(3), real(0.1)}, arena);
  EXPECT_EQ(numbers<float>(mixed, *mixed.batch.as<Tensor>()), (std::vector<float>{3.0F, 0.1F}));
}

TEST_F(DefaultCollateTable, KeepsStringsAsTheyAre) {
  EXPECT_EQ(stacked({text("a"), text("b")}), "['a', 'b']");
  EXPECT_EQ(stacked({text("a"), whole(1)}), "['a', 1]");
  EXPECT_EQ(stacked({tuple({text("a"), whole(1)}), tuple({text("b"), whole(2)})}),
            "[('a', 'b'), int64(2,)]");
}

TEST_F(DefaultCollateTable, KeepsTheKeyOrderOfTheFirstSample) {
  EXPECT_EQ(stacked({map({{"b", whole(1)}, {"a", text("x")}}),
                     map({{"a", text("y")}, {"extra", whole(9)}, {"b", whole(2)}})}),
            "{b: int64(2,), a: ['x', 'y']}");
}

TEST_F(DefaultCollateTable, TurnsTuplesIntoLists) {
  EXPECT_EQ(stacked({tuple({whole(3), whole(4)}), tuple({whole(5), whole(6)})}),
            "[int64(2,), int64(2,)]");
  EXPECT_EQ(stacked({list({}), list({})}), "[]");
}

TEST_F(DefaultCollateTable, KeepsNamedTuples) {
  const auto point = [&](std::int64_t x) -> TreeNode {
    NamedTupleNode result{Text("Point", &arena), std::pmr::vector<Text>(&arena), TreeNodes(&arena)};
    result.keys.emplace_back("x");
    result.values.push_back({x});
    return {std::move(result)};
  };
  EXPECT_EQ(stacked({point(1), point(2)}), "Point(x: int64(2,))");
}

TEST_F(DefaultCollateTable, PassesDataSamplesThrough) {
  TreeNode one = element_node("DetDataSample", arena);
  set(one, "bboxes", tensor(DType::float32, {3, 4}));
  TreeNode two = element_node("DetDataSample", arena);
  set(two, "bboxes", tensor(DType::float32, {0, 4}));
  EXPECT_EQ(stacked({map({{"data_samples", one}}), map({{"data_samples", two}})}),
            "{data_samples: [DetDataSample(bboxes: float32(3, 4)), "
            "DetDataSample(bboxes: float32(0, 4))]}");
}

TEST_F(DefaultCollateTable, GivesImagesTheShapeNchw) {
  const std::vector<TreeNode> samples = {map({{"img", image(4, 2)}}), map({{"img", image(4, 2)}})};
  const Layout result = layout(DefaultCollate{}, samples, arena);
  const auto* tensor = result.batch.find("img")->as<Tensor>();
  EXPECT_EQ(tree_text(*tensor), "uint8(2, 3, 2, 4)");
  EXPECT_EQ(tensor->strides, (Shape{24, 1, 12, 3}));
  EXPECT_EQ(result.images().size(), 2U);
  EXPECT_EQ(result.images()[1].sample, 1U);
  EXPECT_EQ(result.images()[1].offset, 24U);
  EXPECT_EQ(result.images()[1].row_bytes, 12);
}

TEST_F(CollateTable, AlignsLeavesToSixtyFourBytes) {
  const std::vector<TreeNode> samples = {
      map({{"a", whole(1)}, {"img", image(5, 3)}, {"b", tensor(DType::uint8, {3})}})};
  const Layout result = layout(DefaultCollate{}, samples, arena);
  EXPECT_EQ(result.batch.find("a")->as<Tensor>()->offset, 0U);
  EXPECT_EQ(result.batch.find("img")->as<Tensor>()->offset, 64U);
  EXPECT_EQ(result.batch.find("b")->as<Tensor>()->offset, 128U);
  EXPECT_EQ(result.bytes(), 131U);
}

TEST_F(CollateTable, AttachesTheTensorsToTheSlot) {
  Layout result = layout(PseudoCollate{},
                         std::vector<TreeNode>{map({{"a", tensor(DType::uint8, {3})}})}, arena);
  const Buffer slot = allocate_pageable(result.bytes());
  attach_storage(result.batch, slot);
  const TreeNode& list = *result.batch.find("a");
  EXPECT_EQ(list.as<ListNode>()->items[0].as<Tensor>()->data(), slot.data());
}

TEST_F(DefaultCollateTable, NamesTheSampleThatDiffers) {
  EXPECT_EQ(failure([&] {
              stacked({map({{"img", whole(1)}}), map({{"other", whole(1)}})});
            }),
            "error: sample 1 has no key 'img', which sample 0 has\n"
            "  while collating 'img'\n");
  EXPECT_EQ(failure([&] {
              stacked({list({whole(1)}), list({whole(1)}), list({})});
            }),
            "error: sample 2 has 0 items where sample 0 has 1\n");
  EXPECT_EQ(
      failure([&] {
        stacked({map({{"a", TreeNode{}}})});
      }),
      "error: default_collate takes tensors, numbers, strings, lists, dicts and data samples; "
      "it found NoneType\n"
      "  while collating 'a'\n");
  EXPECT_EQ(failure([&] {
              stacked({whole(1), TreeNode{}});
            }),
            "error: sample 1 has NoneType where sample 0 has int\n");
  EXPECT_EQ(failure([&] {
              stacked({tensor(DType::uint8, {2}), tensor(DType::uint8, {3})});
            }),
            "error: cannot stack the tensors: sample 1 has shape (3,) where sample 0 has (2,)\n");
  EXPECT_EQ(failure([&] {
              stacked({list({map({{"x", whole(1)}})}), list({whole(2)})});
            }),
            "error: sample 1 has int where sample 0 has dict\n"
            "  while collating 'x'\n"
            "  while collating [0]\n");
  EXPECT_EQ(failure([&] { stacked({}); }), "error: a batch of no samples cannot be collated\n");
}

TEST_F(DefaultCollateTable, NeedsImagesOfOneSize) {
  EXPECT_EQ(failure([&] {
              stacked({image(4, 2), image(4, 2), image(3, 2)});
            }),
            "error: cannot stack the images: sample 2 is 3x2 where sample 0 is 4x2\n"
            "help: default_collate needs a pipeline that gives one size; pseudo_collate and "
            "pad_collate take any\n");
}

TEST_F(PseudoCollateTable, StacksNothing) {
  EXPECT_EQ(listed({tensor(DType::uint8, {2}), tensor(DType::uint8, {3})}),
            "[uint8(2,), uint8(3,)]");
  EXPECT_EQ(
      listed({map({{"a", whole(1)}, {"b", TreeNode{}}}), map({{"a", whole(2)}, {"b", whole(1)}})}),
      "{a: [1, 2], b: [NoneType, 1]}");
  EXPECT_EQ(listed({tuple({whole(1), text("x")}), tuple({whole(2), text("y")})}),
            "[(1, 2), ('x', 'y')]");
  EXPECT_EQ(listed({list({whole(1)}), list({whole(2)})}), "[(1, 2)]");
  EXPECT_EQ(listed({text("a"), text("b")}), "['a', 'b']");
}

TEST_F(PseudoCollateTable, PlacesImagesOfAnySize) {
  EXPECT_EQ(listed({map({{"img", image(4, 2)}}), map({{"img", image(3, 5)}})}),
            "{img: [uint8(3, 2, 4), uint8(3, 5, 3)]}");
}

TEST_F(PseudoCollateTable, RequiresEqualLengthsAndKeys) {
  EXPECT_EQ(failure([&] {
              listed({list({whole(1)}), list({})});
            }),
            "error: sample 1 has 0 items where sample 0 has 1\n");
  EXPECT_EQ(failure([&] {
              listed({map({{"a", whole(1)}}), map({})});
            }),
            "error: sample 1 has no key 'a', which sample 0 has\n"
            "  while collating 'a'\n");
}

TEST_F(PadCollateTable, PadsImagesToTheLargestAndStacksThem) {
  const std::vector<TreeNode> samples = {map({{"inputs", image(40, 20)}, {"id", whole(3)}}),
                                         map({{"inputs", image(30, 50)}, {"id", whole(4)}})};
  const Layout result = layout(PadCollate{.size_divisor = 32}, samples, arena);
  EXPECT_EQ(tree_text(result.batch),
            "{inputs: uint8(2, 3, 64, 64), id: [3, 4], valid_shapes: int64(2, 2)}");
  EXPECT_EQ(result.images()[0].image.size(), (Size{64, 64}));
  EXPECT_EQ(result.images()[0].valid, (Size{40, 20}));
  const auto shapes =
      numbers<std::int64_t>(result, *result.batch.find("valid_shapes")->as<Tensor>());
  EXPECT_EQ(shapes, (std::vector<std::int64_t>{20, 40, 50, 30}));
}

}  // namespace
}  // namespace pinfeed
