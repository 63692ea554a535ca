// SPDX-License-Identifier: Apache-2.0
// The tables of specs data 1.1 to 1.6.
#include "pinfeed/data/collates.h"

#include <gtest/gtest.h>

#include <cstring>

#include "planning.h"

namespace pinfeed {
namespace {

std::string shown(const Item& item);

std::string shown(const Items& items) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ", ") + shown(item);
  return text;
}

std::string shown(const std::pmr::vector<Text>& keys, const Items& values) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::string(keys[i]) + ": " + shown(values[i]);
  }
  return text;
}

std::string shown(const Tensor& tensor) { return name_of(tensor.dtype) + to_string(tensor.shape); }

// The tree on one line: tensors as dtype and shape.
std::string shown(const Item& item) {
  if (const auto* text = item.as<Text>()) return "'" + std::string(*text) + "'";
  if (const auto* tensor = item.as<Tensor>()) return shown(*tensor);
  if (const auto* number = item.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* list = item.as<ListItem>()) return "[" + shown(list->items) + "]";
  if (const auto* tuple = item.as<TupleItem>()) return "(" + shown(tuple->items) + ")";
  if (const auto* map = item.as<MapItem>()) return "{" + shown(map->keys, map->values) + "}";
  if (const auto* tuple = item.as<NamedTupleItem>()) {
    return std::string(tuple->type) + "(" + shown(tuple->keys, tuple->values) + ")";
  }
  if (const auto* element = item.as<ElementItem>()) {
    return std::string(element->type) + "(" + shown(element->keys, element->values) + ")";
  }
  if (const auto* container = item.as<DataContainerItem>()) {
    return "DataContainer(" + shown(container->data) + ")";
  }
  return item.kind_name();
}

class CollateTable : public testing::Test {
 protected:
  Item text(const char* value) { return text_item(value, arena); }
  Item whole(std::int64_t value) { return {value}; }
  Item real(double value) { return {value}; }
  Item list(std::initializer_list<Item> items) {
    Item made = list_item(arena);
    for (const Item& item : items) made.as<ListItem>()->items.push_back(copied(item, arena));
    return made;
  }
  Item tuple(std::initializer_list<Item> items) {
    Item made = tuple_item(arena);
    for (const Item& item : items) made.as<TupleItem>()->items.push_back(copied(item, arena));
    return made;
  }
  Item map(std::initializer_list<std::pair<const char*, Item>> entries) {
    Item made = map_item(arena);
    for (const auto& [key, value] : entries) set(made, key, copied(value, arena));
    return made;
  }
  Item tensor(DType dtype, const Shape& shape, int fill = 0) {
    Tensor made = arena_tensor(dtype, shape, arena);
    std::memset(made.data(), fill, made.bytes());
    return {made};
  }
  Item picture(int width, int height) {
    static std::byte nothing = {};
    return {image::plain(
        {.data = &nothing, .height = height, .width = width, .row_bytes = 3 * width}, arena)};
  }
  Item container(Item data, bool stack, double value = 0.0, int pad_dims = 2,
                 bool cpu_only = false) {
    DataContainerItem made{Items(&arena)};
    made.data.push_back(std::move(data));
    made.stack = stack;
    made.padding_value = value;
    made.pad_dims = pad_dims;
    made.cpu_only = cpu_only;
    return {std::move(made)};
  }

  std::string stacked(const std::vector<Item>& samples) {
    return shown(layout(DefaultCollate{}, samples, arena).batch);
  }
  std::string listed(const std::vector<Item>& samples) {
    return shown(layout(PseudoCollate{}, samples, arena).batch);
  }
  // The batch's one tensor as the seat would hold it.
  template <class T>
  std::vector<T> numbers(const Layout& made, const Tensor& tensor) {
    std::vector<std::byte> seat(made.bytes());
    for (const Piece& piece : made.pieces()) {
      std::memcpy(seat.data() + piece.offset, piece.from, piece.bytes);
    }
    std::vector<T> values(static_cast<std::size_t>(tensor.elements()));
    std::memcpy(values.data(), seat.data() + tensor.offset, values.size() * sizeof(T));
    return values;
  }

  Arena arena;
};
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
  const std::vector<Item> samples = {tensor(DType::uint8, {2}, 7), tensor(DType::float32, {2}, 0)};
  const Layout made = layout(DefaultCollate{}, samples, arena);
  const auto values = numbers<float>(made, *made.batch.as<Tensor>());
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
  const Layout ints = layout(DefaultCollate{}, std::vector<Item>{whole(-3), {true}}, arena);
  EXPECT_EQ(numbers<std::int64_t>(ints, *ints.batch.as<Tensor>()),
            (std::vector<std::int64_t>{-3, 1}));
  const Layout mixed = layout(DefaultCollate{}, std::vector<Item>{whole(3), real(0.1)}, arena);
  EXPECT_EQ(numbers<float>(mixed, *mixed.batch.as<Tensor>()), (std::vector<float>{3.0F, 0.1F}));
}

TEST_F(DefaultCollateTable, KeepsStringsAsTheyAre) {
  EXPECT_EQ(stacked({text("a"), text("b")}), "['a', 'b']");
  EXPECT_EQ(stacked({text("a"), whole(1)}), "['a', 1]");
  EXPECT_EQ(stacked({tuple({text("a"), whole(1)}), tuple({text("b"), whole(2)})}),
            "[('a', 'b'), int64(2,)]");
}

TEST_F(DefaultCollateTable, WalksThroughMappingsInTheFirstOnesOrder) {
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
  const auto point = [&](std::int64_t x) -> Item {
    NamedTupleItem made{Text("Point", &arena), std::pmr::vector<Text>(&arena), Items(&arena)};
    made.keys.emplace_back("x");
    made.values.push_back({x});
    return {std::move(made)};
  };
  EXPECT_EQ(stacked({point(1), point(2)}), "Point(x: int64(2,))");
}

TEST_F(DefaultCollateTable, PassesDataSamplesThrough) {
  Item one = element_item("DetDataSample", arena);
  set(one, "bboxes", tensor(DType::float32, {3, 4}));
  Item two = element_item("DetDataSample", arena);
  set(two, "bboxes", tensor(DType::float32, {0, 4}));
  EXPECT_EQ(stacked({map({{"data_samples", one}}), map({{"data_samples", two}})}),
            "{data_samples: [DetDataSample(bboxes: float32(3, 4)), "
            "DetDataSample(bboxes: float32(0, 4))]}");
}

TEST_F(DefaultCollateTable, ShowsPicturesAsNchw) {
  const std::vector<Item> samples = {map({{"img", picture(4, 2)}}), map({{"img", picture(4, 2)}})};
  const Layout made = layout(DefaultCollate{}, samples, arena);
  const auto* tensor = made.batch.find("img")->as<Tensor>();
  EXPECT_EQ(shown(*tensor), "uint8(2, 3, 2, 4)");
  EXPECT_EQ(tensor->strides, (Shape{24, 1, 12, 3}));
  EXPECT_EQ(made.pictures().size(), 2U);
  EXPECT_EQ(made.pictures()[1].sample, 1U);
  EXPECT_EQ(made.pictures()[1].offset, 24U);
  EXPECT_EQ(made.pictures()[1].row_bytes, 12);
}

TEST_F(CollateTable, LeavesBeginAtSixtyFourBytes) {
  const std::vector<Item> samples = {
      map({{"a", whole(1)}, {"img", picture(5, 3)}, {"b", tensor(DType::uint8, {3})}})};
  const Layout made = layout(DefaultCollate{}, samples, arena);
  EXPECT_EQ(made.batch.find("a")->as<Tensor>()->offset, 0U);
  EXPECT_EQ(made.batch.find("img")->as<Tensor>()->offset, 64U);
  EXPECT_EQ(made.batch.find("b")->as<Tensor>()->offset, 128U);
  EXPECT_EQ(made.bytes(), 131U);
}

TEST_F(CollateTable, BindsTheTensorsToTheSeat) {
  Layout made =
      layout(PseudoCollate{}, std::vector<Item>{map({{"a", tensor(DType::uint8, {3})}})}, arena);
  const Buffer seat = allocate_pageable(made.bytes());
  bind(made.batch, seat);
  const Item& list = *made.batch.find("a");
  EXPECT_EQ(list.as<ListItem>()->items[0].as<Tensor>()->data(), seat.data());
}

TEST_F(DefaultCollateTable, SaysWhichSampleDiffers) {
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
        stacked({map({{"a", Item{}}})});
      }),
      "error: default_collate takes tensors, numbers, strings, lists, dicts and data samples; "
      "it found NoneType\n"
      "  while collating 'a'\n");
  EXPECT_EQ(failure([&] {
              stacked({whole(1), Item{}});
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

TEST_F(DefaultCollateTable, NeedsPicturesOfOneSize) {
  EXPECT_EQ(failure([&] {
              stacked({picture(4, 2), picture(4, 2), picture(3, 2)});
            }),
            "error: cannot stack the pictures: sample 2 is 3x2 where sample 0 is 4x2\n"
            "help: default_collate needs a pipeline that gives one size; pseudo_collate and "
            "pad_collate take any\n");
}

TEST_F(PseudoCollateTable, StacksNothing) {
  EXPECT_EQ(listed({tensor(DType::uint8, {2}), tensor(DType::uint8, {3})}),
            "[uint8(2,), uint8(3,)]");
  EXPECT_EQ(
      listed({map({{"a", whole(1)}, {"b", Item{}}}), map({{"a", whole(2)}, {"b", whole(1)}})}),
      "{a: [1, 2], b: [NoneType, 1]}");
  EXPECT_EQ(listed({tuple({whole(1), text("x")}), tuple({whole(2), text("y")})}),
            "[(1, 2), ('x', 'y')]");
  EXPECT_EQ(listed({list({whole(1)}), list({whole(2)})}), "[(1, 2)]");
  EXPECT_EQ(listed({text("a"), text("b")}), "['a', 'b']");
}

TEST_F(PseudoCollateTable, PlacesPicturesOfAnySize) {
  EXPECT_EQ(listed({map({{"img", picture(4, 2)}}), map({{"img", picture(3, 5)}})}),
            "{img: [uint8(3, 2, 4), uint8(3, 5, 3)]}");
}

TEST_F(PseudoCollateTable, WantsEqualLengthsAndKeysAll) {
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

TEST_F(PadCollateTable, PadsPicturesToTheLargestAndStacksThem) {
  const std::vector<Item> samples = {map({{"inputs", picture(40, 20)}, {"id", whole(3)}}),
                                     map({{"inputs", picture(30, 50)}, {"id", whole(4)}})};
  const Layout made = layout(PadCollate{.size_divisor = 32}, samples, arena);
  EXPECT_EQ(shown(made.batch),
            "{inputs: uint8(2, 3, 64, 64), id: [3, 4], valid_shapes: int64(2, 2)}");
  EXPECT_EQ(made.pictures()[0].picture.size(), (Size{64, 64}));
  EXPECT_EQ(made.pictures()[0].valid, (Size{40, 20}));
  const auto shapes = numbers<std::int64_t>(made, *made.batch.find("valid_shapes")->as<Tensor>());
  EXPECT_EQ(shapes, (std::vector<std::int64_t>{20, 40, 50, 30}));
}

TEST_F(CollateTable, DataContainersAreStackedInGroups) {
  const std::vector<Item> samples = {container(tensor(DType::uint8, {1, 2, 2}, 1), true, 9),
                                     container(tensor(DType::uint8, {1, 1, 3}, 2), true, 8),
                                     container(tensor(DType::uint8, {1, 1, 1}, 3), true)};
  const Layout made = layout(DefaultCollate{.samples_per_gpu = 2}, samples, arena);
  EXPECT_EQ(shown(made.batch), "DataContainer([uint8(2, 1, 2, 3), uint8(1, 1, 1, 1)])");
  const Item& groups = made.batch.as<DataContainerItem>()->data[0];
  const auto values = numbers<std::uint8_t>(made, *groups.as<ListItem>()->items[0].as<Tensor>());
  EXPECT_EQ(values, (std::vector<std::uint8_t>{1, 1, 9, 1, 1, 9, 2, 2, 2, 8, 8, 8}));
}

TEST_F(CollateTable, DataContainersWithPicturesPadThem) {
  const std::vector<Item> samples = {map({{"img", container(picture(4, 2), true)}}),
                                     map({{"img", container(picture(3, 5), true)}})};
  EXPECT_EQ(stacked(samples), "{img: DataContainer([uint8(2, 3, 5, 4)])}");
}

TEST_F(CollateTable, OtherDataContainersListTheirPayloads) {
  EXPECT_EQ(stacked({container(tensor(DType::uint8, {2}), false),
                     container(tensor(DType::uint8, {3}), false)}),
            "DataContainer([[uint8(2,), uint8(3,)]])");
  const Item batch = copied(
      layout(DefaultCollate{}, std::vector<Item>{container(text("a"), true, 0, 2, true)}, arena)
          .batch,
      arena);
  EXPECT_EQ(shown(batch), "DataContainer([['a']])");
  EXPECT_TRUE(batch.as<DataContainerItem>()->cpu_only);
  EXPECT_FALSE(batch.as<DataContainerItem>()->stack);
}

TEST_F(CollateTable, DataContainersRefuseWhatCannotBePadded) {
  EXPECT_EQ(
      failure([&] {
        stacked({container(tensor(DType::uint8, {2, 2}), true)});
      }),
      "error: a DataContainer with pad_dims 2 needs more axes than that; its shape is (2, 2)\n");
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

TEST_F(CollateTable, GroupsHaveAtLeastOneSample) {
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

TEST_F(CollateTable, TheCollateOfMmcvGroupsByOneSampleUnlessToldOtherwise) {
  const std::vector<Item> samples = {container(tensor(DType::uint8, {1, 2, 2}), true),
                                     container(tensor(DType::uint8, {1, 1, 3}), true)};
  EXPECT_EQ(shown(layout(GroupCollate{}, samples, arena).batch),
            "DataContainer([uint8(1, 1, 2, 2), uint8(1, 1, 1, 3)])");
  EXPECT_EQ(shown(layout(GroupCollate{.samples_per_gpu = 2}, samples, arena).batch),
            "DataContainer([uint8(2, 1, 2, 3)])");
}

TEST_F(CollateTable, TheCollateOfMmcvComesWithoutItsDefects) {
  EXPECT_EQ(shown(layout(GroupCollate{}, std::vector<Item>{text("a"), text("b")}, arena).batch),
            "['a', 'b']");
  EXPECT_EQ(failure([&] {
              (void)layout(GroupCollate{},
                           std::vector<Item>{list({whole(1), whole(2)}), list({whole(3)})}, arena);
            }),
            "error: sample 1 has 1 items where sample 0 has 2\n");
}

class ObjectsTable : public CollateTable {
 protected:
  // A detection sample of `count` objects whose numbers are all `value`.
  Item detection(int width, int height, std::int64_t count, float value) {
    Item objects = element_item("InstanceData", arena);
    Tensor boxes = arena_tensor(DType::float32, {count, 4}, arena);
    std::fill_n(boxes.data_as<float>(), boxes.elements(), value);
    Tensor labels = arena_tensor(DType::int64, {count}, arena);
    std::fill_n(labels.data_as<std::int64_t>(), count, static_cast<std::int64_t>(value));
    set(objects, "bboxes", {boxes});
    set(objects, "labels", {labels});
    Item element = element_item("DetDataSample", arena);
    set(element, "gt_instances", std::move(objects));
    set(element, "metainfo", map({{"img_id", whole(count)}}));
    return map({{"inputs", picture(width, height)}, {"data_samples", element}});
  }
};

TEST_F(ObjectsTable, Yolov5PutsTheSampleAndTheLabelBeforeEachBox) {
  const std::vector<Item> samples = {detection(4, 2, 1, 5), detection(4, 2, 0, 6),
                                     detection(4, 2, 2, 7)};
  const Layout made = layout(Yolov5Collate{}, samples, arena);
  EXPECT_EQ(shown(made.batch),
            "{data_samples: {bboxes_labels: float32(3, 6)}, inputs: uint8(3, 3, 2, 4)}");
  const Tensor& rows = *made.batch.find("data_samples")->find("bboxes_labels")->as<Tensor>();
  EXPECT_EQ(numbers<float>(made, rows), (std::vector<float>{0, 5, 5, 5, 5, 5,  //
                                                            2, 7, 7, 7, 7, 7,  //
                                                            2, 7, 7, 7, 7, 7}));
  EXPECT_EQ(shown(layout(Yolov5Collate{.use_ms_training = true}, samples, arena).batch),
            "{data_samples: {bboxes_labels: float32(3, 6)}, inputs: [uint8(3, 2, 4), "
            "uint8(3, 2, 4), uint8(3, 2, 4)]}");
}

TEST_F(ObjectsTable, Yolov5NeedsBoxesAndOneSize) {
  EXPECT_EQ(
      failure([&] {
        (void)layout(Yolov5Collate{}, std::vector<Item>{map({{"inputs", picture(4, 2)}})}, arena);
      }),
      "error: yolov5_collate: sample 0 has no 'data_samples'\n"
      "help: the pipeline ends in PackDetInputs, after LoadAnnotations with boxes and "
      "labels\n");
  EXPECT_EQ(failure([&] {
              (void)layout(Yolov5Collate{},
                           std::vector<Item>{detection(4, 2, 1, 0), detection(4, 3, 1, 0)}, arena);
            }),
            "error: cannot stack the pictures: sample 1 is 4x3 where sample 0 is 4x2\n"
            "help: default_collate needs a pipeline that gives one size; pseudo_collate and "
            "pad_collate take any\n");
}

TEST_F(ObjectsTable, PackingMakesOneTensorOfAllBoxesAndOffsets) {
  const std::vector<Item> samples = {detection(40, 20, 1, 5), detection(30, 50, 0, 6),
                                     detection(30, 20, 2, 7)};
  const Layout made = layout(PackCollate{{.size_divisor = 32}}, samples, arena);
  EXPECT_EQ(shown(made.batch),
            "{inputs: uint8(3, 3, 64, 64), data_samples: {gt_instances: {bboxes: float32(3, 4), "
            "labels: int64(3,), offsets: int64(4,)}, metainfo: [{img_id: 1}, {img_id: 0}, {img_id: "
            "2}]}, valid_shapes: int64(3, 2)}");
  const Item& objects = *made.batch.find("data_samples")->find("gt_instances");
  const auto ints = [&](const char* key) {
    return numbers<std::int64_t>(made, *objects.find(key)->as<Tensor>());
  };
  EXPECT_EQ(ints("offsets"), (std::vector<std::int64_t>{0, 1, 1, 3}));
  EXPECT_EQ(ints("labels"), (std::vector<std::int64_t>{5, 7, 7}));
  EXPECT_EQ(numbers<float>(made, *objects.find("bboxes")->as<Tensor>())[4], 7.0F);
}

TEST_F(ObjectsTable, WhatIsPackedLiesInOneTailBehindThePictures) {
  const std::vector<Item> samples = {detection(40, 20, 1, 5), detection(30, 50, 3, 6)};
  const Layout made = layout(PackCollate{}, samples, arena);
  std::size_t end_of_pictures = 0;
  for (const PicturePlace& place : made.pictures()) {
    const Size size = place.picture.size();
    end_of_pictures = std::max(
        end_of_pictures, place.offset + static_cast<std::size_t>(size.width * size.height * 3));
  }
  for (const Piece& piece : made.pieces()) EXPECT_GE(piece.offset, end_of_pictures);
}

TEST_F(ObjectsTable, PackingRefusesSamplesOfOtherParts) {
  Item bare = element_item("DetDataSample", arena);
  EXPECT_EQ(failure([&] {
              (void)layout(PackCollate{},
                           std::vector<Item>{detection(4, 2, 1, 0), map({{"inputs", picture(4, 2)},
                                                                         {"data_samples", bare}})},
                           arena);
            }),
            "error: sample 1 has no 'gt_instances', which sample 0 has\n"
            "  while collating 'data_samples'\n");
}

}  // namespace
}  // namespace pinfeed
