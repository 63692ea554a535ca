// SPDX-License-Identifier: Apache-2.0
// The collates that put the objects of all samples into one tensor.
#include "collate_table.h"

namespace pinfeed {
namespace {

class ObjectsTable : public CollateTable {
 protected:
  // A detection sample of `count` objects whose numbers are all `value`.
  TreeNode detection(int width, int height, std::int64_t count, float value) {
    Tensor boxes = arena_tensor(DType::float32, {count, 4}, arena);
    std::fill_n(boxes.data_as<float>(), boxes.elements(), value);
    Tensor labels = arena_tensor(DType::int64, {count}, arena);
    std::fill_n(labels.data_as<std::int64_t>(), count, static_cast<std::int64_t>(value));
    return detection(width, height, {boxes}, {labels}, count);
  }

  TreeNode detection(int width, int height, TreeNode boxes, TreeNode labels, std::int64_t id) {
    TreeNode objects = element_node("InstanceData", arena);
    set(objects, "bboxes", std::move(boxes));
    set(objects, "labels", std::move(labels));
    TreeNode element = element_node("DetDataSample", arena);
    set(element, "gt_instances", std::move(objects));
    set(element, "metainfo", map({{"img_id", whole(id)}}));
    return map({{"inputs", image(width, height)}, {"data_samples", element}});
  }
};

TEST_F(ObjectsTable, Yolov5PutsTheSampleAndTheLabelBeforeEachBox) {
  const std::vector<TreeNode> samples = {detection(4, 2, 1, 5), detection(4, 2, 0, 6),
                                         detection(4, 2, 2, 7)};
  const Layout result = layout(Yolov5Collate{}, samples, arena);
  EXPECT_EQ(tree_text(result.batch),
            "{data_samples: {bboxes_labels: float32(3, 6)}, inputs: uint8(3, 3, 2, 4)}");
  const Tensor& rows = *result.batch.find("data_samples")->find("bboxes_labels")->as<Tensor>();
  EXPECT_EQ(numbers<float>(result, rows), (std::vector<float>{0, 5, 5, 5, 5, 5,  //
                                                              2, 7, 7, 7, 7, 7,  //
                                                              2, 7, 7, 7, 7, 7}));
  EXPECT_EQ(tree_text(layout(Yolov5Collate{.use_ms_training = true}, samples, arena).batch),
            "{data_samples: {bboxes_labels: float32(3, 6)}, inputs: [uint8(3, 2, 4), "
            "uint8(3, 2, 4), uint8(3, 2, 4)]}");
}

TEST_F(ObjectsTable, Yolov5NeedsBoxesAndOneSize) {
  EXPECT_EQ(
      failure([&] {
        (void)layout(Yolov5Collate{}, std::vector<TreeNode>{map({{"inputs", image(4, 2)}})}, arena);
      }),
      "error: yolov5_collate: sample 0 has no 'data_samples'\n"
      "help: the pipeline ends in PackDetInputs, after LoadAnnotations with boxes and "
      "labels\n");
  EXPECT_EQ(failure([&] {
              (void)layout(Yolov5Collate{},
                           std::vector<TreeNode>{detection(4, 2, 1, 0), detection(4, 3, 1, 0)},
                           arena);
            }),
            "error: cannot stack the images: sample 1 is 4x3 where sample 0 is 4x2\n"
            "help: default_collate needs a pipeline that gives one size; pseudo_collate and "
            "pad_collate take any\n");
}

TEST_F(ObjectsTable, Yolov5RefusesOtherFieldsThanBoxesAndLabels) {
  const auto refusal = [&](TreeNode boxes, TreeNode labels) {
    const std::vector<TreeNode> samples = {detection(4, 2, std::move(boxes), std::move(labels), 1)};
    return failure([&] { (void)layout(Yolov5Collate{}, samples, arena); });
  };
  const TreeNode boxes = {arena_tensor(DType::float32, {1, 4}, arena)};
  const TreeNode labels = {arena_tensor(DType::int64, {1}, arena)};
  const std::string help =
      "help: the pipeline ends in PackDetInputs, after LoadAnnotations with boxes and labels\n";
  EXPECT_EQ(refusal(text("none"), labels),
            "error: yolov5_collate: sample 0 has no float32 tensor 'bboxes'\n" + help);
  EXPECT_EQ(refusal(boxes, {arena_tensor(DType::float32, {1}, arena)}),
            "error: yolov5_collate: sample 0 has no int64 tensor 'labels'\n" + help);
  EXPECT_EQ(refusal(boxes, {arena_tensor(DType::int64, {2}, arena)}),
            "error: yolov5_collate: sample 0 has labels of shape (2,) for boxes of shape (1, 4)\n");
}

TEST_F(ObjectsTable, PackingMakesOneTensorOfAllBoxesAndOffsets) {
  const std::vector<TreeNode> samples = {detection(40, 20, 1, 5), detection(30, 50, 0, 6),
                                         detection(30, 20, 2, 7)};
  const Layout result = layout(PackCollate{{.size_divisor = 32}}, samples, arena);
  EXPECT_EQ(tree_text(result.batch),
            "{inputs: uint8(3, 3, 64, 64), data_samples: {gt_instances: {bboxes: float32(3, 4), "
            "labels: int64(3,), offsets: int64(4,)}, metainfo: [{img_id: 1}, {img_id: 0}, {img_id: "
            "2}]}, valid_shapes: int64(3, 2)}");
  const TreeNode& objects = *result.batch.find("data_samples")->find("gt_instances");
  const auto ints = [&](const char* key) {
    return numbers<std::int64_t>(result, *objects.find(key)->as<Tensor>());
  };
  EXPECT_EQ(ints("offsets"), (std::vector<std::int64_t>{0, 1, 1, 3}));
  EXPECT_EQ(ints("labels"), (std::vector<std::int64_t>{5, 7, 7}));
  EXPECT_EQ(numbers<float>(result, *objects.find("bboxes")->as<Tensor>())[4], 7.0F);
}

TEST_F(ObjectsTable, PackedTensorsFollowTheImages) {
  const std::vector<TreeNode> samples = {detection(40, 20, 1, 5), detection(30, 50, 3, 6)};
  const Layout result = layout(PackCollate{}, samples, arena);
  std::size_t end_of_images = 0;
  for (const ImageSlot& image_slot : result.images()) {
    const Size size = image_slot.image.size();
    end_of_images = std::max(
        end_of_images, image_slot.offset + static_cast<std::size_t>(size.width * size.height * 3));
  }
  for (const Piece& piece : result.pieces()) EXPECT_GE(piece.offset, end_of_images);
}

TEST_F(ObjectsTable, PackingRefusesSamplesWithOtherFields) {
  TreeNode bare = element_node("DetDataSample", arena);
  EXPECT_EQ(failure([&] {
              (void)layout(
                  PackCollate{},
                  std::vector<TreeNode>{detection(4, 2, 1, 0),
                                        map({{"inputs", image(4, 2)}, {"data_samples", bare}})},
                  arena);
            }),
            "error: sample 1 has no 'gt_instances', which sample 0 has\n"
            "  while collating 'data_samples'\n");
}

}  // namespace
}  // namespace pinfeed
