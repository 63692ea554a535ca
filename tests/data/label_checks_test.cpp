// SPDX-License-Identifier: Apache-2.0
// Labels that a model with num_classes cannot learn: an error before the first batch.
#include <gtest/gtest.h>

#include "pinfeed/schemas/model_list.h"
#include "tests/data/coco_dataset.h"

namespace pinfeed {
namespace {

class LabelChecks : public CocoDatasetTest {
 protected:
  // The message about the labels of this data set; "" if a model of so many classes can learn them.
  std::string message(const Dataset& dataset, int num_classes) const {
    const std::string config =
        "model = dict(bbox_head=dict(type='FCOSHead', num_classes=" + std::to_string(num_classes) +
        "))\n";
    try {
      check_labels(read_config_text(config, "c.py").root, dataset);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return folder.short_paths(error.message());
    }
  }
  // Two categories are named zebra; the object is of the category with this id.
  static std::string text_with_object_of(int category) {
    return R"({"images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
      "categories": [{"id": 0, "name": "zebra"}, {"id": 5, "name": "car"}, {"id": 6, "name": "zebra"}],
      "annotations": [{"id": 1, "image_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "category_id": )" +
           std::to_string(category) + "}]}";
  }
};

TEST_F(LabelChecks, NameTheCategoryAndTheHead) {
  const Dataset set = of_text(text_with_object_of(6), "", "('zebra', 'car')");
  EXPECT_EQ(message(set, 2),
            "error: ann.json: the category 'zebra' (id 6) has the label 2, but num_classes of "
            "FCOSHead is 2\n"
            "  --> c.py:1:58\n"
            "   | model = dict(bbox_head=dict(type='FCOSHead', num_classes=2))\n"
            "   |                                                          ^\n"
            "   at model.bbox_head.num_classes\n"
            "help: several categories have the same name: rename or remove all but one of them in "
            "the file\n");
  EXPECT_EQ(message(set, 3), "");
}

TEST_F(LabelChecks, AcceptCategoriesOfOneNameThatHaveNoObject) {
  EXPECT_EQ(message(of_text(text_with_object_of(0), "", "('zebra', 'car')"), 2), "");
  EXPECT_EQ(message(of_text(text_with_object_of(5), "", "('zebra', 'car')"), 2), "");
}

TEST_F(LabelChecks, AcceptIgnoredObjectsOfAnyLabel) {
  std::string text = text_with_object_of(6);
  text.insert(text.find("\"area\""), "\"iscrowd\": 1, ");
  EXPECT_EQ(message(of_text(text, "", "('zebra', 'car')"), 2), "");
  folder.file("records.json", R"({"metainfo": {}, "data_list": [{"img_path": "a.jpg", "img_id": 1,
      "width": 9, "height": 9, "instances": [
      {"bbox": [1, 2, 3, 4], "bbox_label": 1, "ignore_flag": 0},
      {"bbox": [1, 2, 3, 4], "bbox_label": 7, "ignore_flag": 1}]}]})");
  EXPECT_EQ(message(dataset("dict(type='BaseDetDataset', data_root='" + folder.path() +
                            "/', ann_file='records.json', pipeline=[])"),
                    2),
            "");
}

TEST_F(LabelChecks, LookAtAllPartsOfADataSet) {
  const std::string part = "dict(type='CocoDataset', data_root='" + folder.path() +
                           "/', ann_file='ann.json', data_prefix=dict(img=''), "
                           "metainfo=dict(classes=(";
  of_text(text_with_object_of(5), "", "('zebra', 'car')");
  const Dataset both =
      dataset("dict(type='RepeatDataset', times=2, dataset=dict(type='ConcatDataset', datasets=[" +
              part + "'car',))), " + part + "'zebra', 'car')))]))");
  EXPECT_EQ(both.labels.largest, 1);
  const std::string text = message(both, 1);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "error: an object of one of the data sets has the label 1, but num_classes of FCOSHead "
            "is 1");
}

TEST_F(LabelChecks, RefuseNegativeLabels) {
  Dataset set;
  set.labels = {.smallest = -1, .largest = 4};
  const std::string text = message(set, 5);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "error: an object has the label -1, but num_classes of FCOSHead is 5");
}

}  // namespace
}  // namespace pinfeed
