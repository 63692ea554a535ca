// SPDX-License-Identifier: Apache-2.0
// The rules of docs/specs/openmmlab-data.md, 2.1 to 2.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coco_dataset.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(CocoDatasetTest, KeepsTheFilesOrderOfImagesAndCategories) {
  const Dataset set = of(annotation(1, 3, 1, "[1, 2, 10, 5]") + "," +
                         annotation(2, 7, 9, "[0.5, 2, 10.25, 5]", R"(, "iscrowd": 1)"));
  ASSERT_EQ(set.size, 2);
  const Sample first = get(set, 0);
  EXPECT_EQ(first.img_id, 7);
  EXPECT_EQ(first.img_path, folder.path() + "/img/b.jpg");
  EXPECT_EQ(first.file_name, "b.jpg");
  EXPECT_EQ(first.annotated, (Size{100, 80}));
  ASSERT_EQ(first.instances.size(), 1U);
  EXPECT_EQ(first.instances[0].x2, 10.75);
  EXPECT_TRUE(first.instances[0].ignore);
  EXPECT_EQ(first.instances[0].label, 0);
  const Sample second = get(set, 1);
  EXPECT_EQ(second.file_name, "sub/a.jpg");
  EXPECT_EQ(second.instances[0].label, 1);
  EXPECT_THAT(set.metainfo.category_ids, ElementsAre(9, 1, 4));
  EXPECT_THAT(set.warnings, IsEmpty());
}

TEST_F(CocoDatasetTest, LabelsFollowTheFileWithAWarning) {
  const Dataset set = of_text(coco(annotation(1, 7, 1, "[1, 2, 10, 5]")), "", "('car', 'zebra')");
  EXPECT_EQ(get(set, 0).instances[0].label, 1);
  EXPECT_THAT(warnings(set), ElementsAre("ann.json lists the classes in another order (zebra, car) "
                                         "than the config (car, zebra): labels follow the file, as "
                                         "they do in OpenMMLab"));
}

TEST_F(CocoDatasetTest, WarnsAboutAnAbsentClassAndAnotherOrder) {
  const Dataset set = of_text(coco(""), "", "('bus', 'cart', 'zebra')");
  EXPECT_THAT(warnings(set), ElementsAre("ann.json has no category cart: the labels of the classes "
                                         "after it shift, as they do in OpenMMLab",
                                         "ann.json lists the classes in another order (zebra, bus) "
                                         "than the config (bus, zebra): labels follow the file, as "
                                         "they do in OpenMMLab"));
}

TEST_F(CocoDatasetTest, WarnsAboutRepeatedIdsAndEmptyIndices) {
  std::string text = coco(annotation(1, 3, 1, "[1, 2, 10, 5]"));
  text.replace(text.find("\"id\": 7"), 7, "\"id\": 3");
  text.replace(text.find("\"id\": 4"), 7, "\"id\": 1");
  const Dataset set = of_text(text, "indices=0");
  EXPECT_THAT(warnings(set),
              ElementsAre("ann.json: 1 image left out, with the id of a later image, the "
                          "first is 3",
                          "ann.json: 1 category id listed more than once, the last one counts, "
                          "the first is 1",
                          "ann.json: indices leaves no image"));
  EXPECT_EQ(get(of_text(text), 0).instances[0].label, 2);
}

TEST_F(CocoDatasetTest, WarnsAboutAnAreaOfZero) {
  const Dataset set = of(R"({"id": 5, "image_id": 7, "category_id": 1, "bbox": [1, 2, 9, 9],
                             "area": -3})");
  EXPECT_THAT(warnings(set), ElementsAre("ann.json: 1 annotation left out, with an 'area' of 0 or "
                                         "less, the first is 5"));
}

TEST_F(CocoDatasetTest, WarnsAboutClassesThatTheFileDoesNotHave) {
  const Dataset set = of_text(coco(""), "", "('zebra', 'cart', 'bus')");
  EXPECT_THAT(set.metainfo.category_ids, ElementsAre(9, 4));
  EXPECT_THAT(warnings(set), ElementsAre("ann.json has no category cart: the labels of the classes "
                                         "after it shift, as they do in OpenMMLab"));
}

TEST_F(CocoDatasetTest, WarningsNameAFewClassesAndCountTheRest) {
  const Dataset set = of_text(coco(""), "", "('zebra', 'a', 'b', 'c', 'd', 'e', 'f', 'g')");
  EXPECT_THAT(warnings(set), ElementsAre("ann.json has no category a, b, c, d, e and 2 more: the "
                                         "labels of the classes after it shift, as they do in "
                                         "OpenMMLab"));
}

TEST_F(CocoDatasetTest, APlainStringSelectsTheNamesItContains) {
  const Dataset set = of_text(coco(""), "", "'carbus'");
  EXPECT_THAT(set.metainfo.category_ids, ElementsAre(1, 4));
  EXPECT_THAT(warnings(set),
              ElementsAre("classes is the string 'carbus': every category whose name "
                          "is a part of it is selected"));
}

TEST_F(CocoDatasetTest, AStringThatIsAFileHoldsALineForEachClass) {
  const std::string classes = folder.file("classes.txt", "zebra\r\ncar\n");
  EXPECT_THAT(of_text(coco(""), "", "'" + classes + "'").metainfo.classes,
              ElementsAre("zebra", "car"));
}

TEST_F(CocoDatasetTest, LeavesOutWhatUpstreamLeavesOut) {
  const Dataset set = of(
      annotation(1, 7, 1, "[1, 2, 10, 5]", R"(, "ignore": 1)") + "," +
      annotation(2, 7, 1, "[200, 2, 10, 5]") + "," + annotation(3, 7, 1, "[5, 5, 0.5, 9]") + "," +
      annotation(4, 7, 1, "[5, 5, -3, 9]") + "," + annotation(5, 7, 8, "[1, 2, 10, 5]") + "," +
      annotation(6, 99, 1, "[1, 2, 10, 5]") + "," + annotation(7, 7, 1, "[-5, -5, 10, 10]"));
  ASSERT_EQ(get(set, 0).instances.size(), 1U);
  EXPECT_EQ(get(set, 0).instances[0].annotation, 7);
  EXPECT_EQ(get(set, 0).instances[0].x1, -5.0);
  EXPECT_THAT(
      warnings(set),
      ElementsAre(
          "ann.json: 1 annotation left out, with boxes of negative width or height, the first is 4",
          "ann.json: 1 annotation left out, with boxes outside the image, the first is 2",
          "ann.json: 1 annotation left out, with boxes of less than a pixel, the first is 3",
          "ann.json: 1 annotation left out, of categories that the file does not list, the "
          "first is 5",
          "ann.json: 1 annotation left out, of images that the file does not list, the first "
          "is 6"));
}

TEST_F(CocoDatasetTest, FilterUsesTheRawAnnotations) {
  const std::string filter = "filter_cfg=dict(filter_empty_gt=True, min_size=0)";
  const Dataset crowded = of(annotation(1, 3, 1, "[5, 5, 0.5, 9]"), filter);
  ASSERT_EQ(crowded.size, 1);
  EXPECT_EQ(get(crowded, 0).img_id, 3);
  EXPECT_TRUE(get(crowded, 0).instances.empty());
  EXPECT_EQ(of("", "filter_cfg=dict(min_size=32)").size, 1);
  EXPECT_EQ(of("", filter + ", test_mode=True").size, 2);
}

TEST_F(CocoDatasetTest, AnEmptyDataSetHasAWarning) {
  const Dataset set = of("", "filter_cfg=dict(filter_empty_gt=True, min_size=32)");
  EXPECT_EQ(set.size, 0);
  EXPECT_THAT(warnings(set), ElementsAre("ann.json: filter_cfg (filter_empty_gt=True, min_size=32) "
                                         "leaves none of 2 images"));
}

TEST_F(CocoDatasetTest, IndicesTakeTheHeadTheTailOrAList) {
  EXPECT_EQ(get(of("", "indices=1"), 0).img_id, 7);
  EXPECT_EQ(get(of("", "indices=-1"), 0).img_id, 3);
  EXPECT_EQ(of("", "indices=5").size, 2);
  EXPECT_EQ(of("", "indices=0").size, 0);
  const Dataset chosen = of("", "indices=[1, 1, -2]");
  ASSERT_EQ(chosen.size, 3);
  EXPECT_EQ(get(chosen, 2).img_id, 7);
}

TEST_F(CocoDatasetTest, TakesAByteOrderMarkAndRepeatedImages) {
  const Dataset set = of_text("\xEF\xBB\xBF" + coco(""));
  EXPECT_EQ(set.size, 2);
  const Dataset twice = of_text(R"({"annotations": [], "categories": [], "images": [
    {"id": 1, "file_name": "old.jpg", "width": 1, "height": 1},
    {"id": 2, "file_name": "b.jpg", "width": 1, "height": 1},
    {"id": 1, "file_name": "new.jpg", "width": 1, "height": 1}]})");
  ASSERT_EQ(twice.size, 2);
  EXPECT_EQ(get(twice, 0).file_name, "new.jpg");
}

TEST_F(CocoDatasetTest, NamesTheFileAndTheAnnotationThatIsWrong) {
  EXPECT_EQ(
      error(coco(annotation(1, 7, 1, "[1, 2, 3, 4]") + "," + annotation(1, 7, 1, "[1, 2, 3, 4]"))),
      "error: ann.json: the annotation id 1 occurs twice");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "[1, NaN, 3, 4]"))),
            "error: ann.json: annotation 5 has a bbox[1] of NaN");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "[1, 2, -Infinity, 4]"))),
            "error: ann.json: annotation 5 has a bbox[2] of -Infinity");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "[1, 2, 3]"))),
            "error: ann.json: annotation 5 has a 'bbox' of 3 numbers, not 4");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "\"1,2,3,4\""))),
            "error: ann.json: annotation 5 has a 'bbox' of \"1,2,3,4\"; it must be a list of four "
            "numbers");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "[1, 2, \"x\", 4]"))),
            "error: ann.json: annotation 5 has a bbox[2] of \"x\"; it must be a number");
  EXPECT_EQ(error(coco(R"({"id": 5, "image_id": 7, "category_id": 1, "area": 1})")),
            "error: ann.json: annotation 5 has no 'bbox'");
  EXPECT_EQ(error(coco(R"({"id": 5, "image_id": [7], "category_id": 1})")),
            "error: ann.json: annotation 5 has an 'image_id' of a list; it must be an integer or a "
            "text");
  EXPECT_EQ(error(coco(annotation(5, 7, 1, "[1, 2, 3, 4]", R"(, "iscrowd": nul)"))),
            "error: ann.json: annotation 5 has an 'iscrowd' of nul; it must be a number");
  EXPECT_EQ(error(coco("3")), "error: ann.json: annotations[0] is 3; it must be a dict");
  EXPECT_EQ(error(coco(R"({"id": 5, "image_id" 7})")),
            "error: ann.json: annotation 5 is not valid JSON");
}

TEST_F(CocoDatasetTest, NamesWhatIsWrongWithTheFile) {
  EXPECT_EQ(error(R"({"images": [{"id": 1)"),
            "error: ann.json is not valid JSON: the file ends too early at byte 20");
  EXPECT_EQ(error(R"({"images": [] "annotations": []})"),
            "error: ann.json is not valid JSON: expected '}' at byte 14");
  EXPECT_EQ(error("hello"), "error: ann.json is not valid JSON: expected '{' or '[' at byte 0");
  EXPECT_EQ(error(""), "error: ann.json is empty");
  EXPECT_EQ(error("[]"), "error: ann.json is a list, not a COCO data set");
  EXPECT_EQ(error(R"({"images": [], "annotations": []})"), "error: ann.json has no 'categories'");
  EXPECT_EQ(error(R"({"images": {}, "annotations": [], "categories": []})"),
            "error: ann.json: 'images' is no list");
  EXPECT_EQ(
      error(R"({"images": [{"id": 3, "file_name": "a"}], "annotations": [], "categories": []})"),
      "error: ann.json: image 3 has no 'width'");
  EXPECT_EQ(error(R"({"images": [], "categories": []})"), "error: ann.json has no 'annotations'");
}

TEST_F(CocoDatasetTest, TestModeNeedsNoAnnotations) {
  const Dataset set = of_text(
      R"({"images": [{"id": 3, "file_name": "a", "width": 2, "height": 2}], "categories": []})",
      "test_mode=True");
  EXPECT_EQ(set.size, 1);
}

TEST_F(CocoDatasetTest, NamesAMissingFile) {
  EXPECT_EQ(
      failure([] {
        dataset("dict(type='CocoDataset', ann_file='nowhere.json', data_prefix=dict(img=''))");
      }),
      "error: cannot open nowhere.json: No such file or directory\n"
      "  --> <text>:1:5\n"
      "   | x = dict(type='CocoDataset', ann_file='nowhere.json', data_prefix=dict(img=''))\n"
      "   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
      "   at dataset\n");
}

TEST_F(CocoDatasetTest, RefusesAStepBehindTheOneThatPacks) {
  const std::string message = failure([&] {
    of("",
       "pipeline=[dict(type='LoadImageFromFile'), dict(type='PackDetInputs'), "
       "dict(type='RandomFlip', prob=0.5)]");
  });
  EXPECT_NE(message.find("error: RandomFlip reads img, which PackDetInputs has packed\n"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("help: move RandomFlip before PackDetInputs\n"), std::string::npos);
}

TEST_F(CocoDatasetTest, AnErrorOfAStepHasItsPosition) {
  const std::string message =
      failure([&] { of("", "pipeline=[dict(type='Resize', scale=(4, 4), keep_ration=True)]"); });
  EXPECT_NE(message.find("error: Resize has no key 'keep_ration'\n"), std::string::npos) << message;
  EXPECT_NE(message.find("   at dataset.pipeline[0].keep_ration\n"), std::string::npos) << message;
  const std::string needs =
      failure([&] { of("", "pipeline=[dict(type='RandomFlip', prob=0.5)]"); });
  EXPECT_NE(needs.find("error: RandomFlip reads img, which no step before it writes\n"),
            std::string::npos)
      << needs;
  EXPECT_NE(needs.find("   at dataset.pipeline[0]\n"), std::string::npos) << needs;
}

TEST_F(CocoDatasetTest, RepeatsADataSet) {
  folder.file("ann.json", coco(""));
  const Dataset set =
      dataset("dict(type='RepeatDataset', times=3, dataset=dict(type='CocoDataset', ann_file='" +
              folder.path() + "/ann.json', data_prefix=dict(img='')))");
  EXPECT_EQ(set.size, 6);
  EXPECT_EQ(get(set, 3).img_id, get(set, 1).img_id);
}

TEST(CocoDataset, ReadsRealData) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data; PINFEED_DATA names their folder";
  const Dataset set = dataset("dict(type='CocoDataset', data_root='" + *data +
                              "/coco128', ann_file='annotations/instances_train2017.json', "
                              "data_prefix=dict(img='train2017/'))");
  EXPECT_EQ(set.size, 128);
  EXPECT_EQ(set.metainfo.classes.size(), 80U);
  EXPECT_EQ(set.metainfo.category_ids.back(), 90);
}

}  // namespace
}  // namespace pinfeed
