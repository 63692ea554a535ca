// SPDX-License-Identifier: Apache-2.0
// Values of COCO files as people and tools write them: ids, names, encodings, empty segmentations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coco_dataset.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using CocoValuesTest = CocoDatasetTest;

TEST_F(CocoValuesTest, ShowsTheValueThatIsWrong) {
  const auto image_error = [&](const std::string& image) {
    return error(R"({"annotations": [], "categories": [], "images": [)" + image + "]}");
  };
  EXPECT_EQ(image_error(R"({"id": 3, "file_name": "a", "width": "640 px", "height": 3})"),
            "error: ann.json: image 3 has a 'width' of \"640 px\"; it must be an integer");
  EXPECT_EQ(image_error(R"({"id": 3, "file_name": "a", "width": 99999999999999999999})"),
            "error: ann.json: image 3 has a 'width' of 99999999999999999999, which is outside the "
            "range of 64-bit integers");
  EXPECT_EQ(image_error(R"({"id": 3, "file_name": "a", "width": -2, "height": 3})"),
            "error: ann.json: image 3 has a 'width' of -2; it must be from 0 to 2147483647");
  EXPECT_EQ(image_error(R"({"id": 3, "file_name": 12})"),
            "error: ann.json: image 3 has a 'file_name' of 12; it must be a text");
  EXPECT_EQ(image_error(R"({"id": 1.5})"),
            "error: ann.json: images[0] has an 'id' of 1.5; it must be an integer or a text");
  EXPECT_EQ(image_error(R"({"id": null})"),
            "error: ann.json: images[0] has an 'id' of null; it must be an integer or a text");
  const std::string text = "\"" + std::string(100, 'x') + "\"";
  EXPECT_EQ(image_error(R"({"id": 3, "width": )" + text + "}"),
            "error: ann.json: image 3 has a 'width' of \"" + std::string(59, 'x') +
                "...; it must be an integer");
}

TEST_F(CocoValuesTest, AFileNameMustNameAFile) {
  const auto image_error = [&](const std::string& name) {
    return error(R"({"annotations": [], "categories": [], "images": [{"id": 3, "file_name": )" +
                 name + R"(, "width": 2, "height": 3}]})");
  };
  EXPECT_EQ(image_error(R"("")"), "error: ann.json: image 3 has a 'file_name' that is empty");
  EXPECT_EQ(image_error(R"("a\u0000b.jpg")"),
            "error: ann.json: image 3 has a 'file_name' with a null character: \"a\\u0000b.jpg\"");
}

TEST_F(CocoValuesTest, TakesIdsThatAreTextsOrLargeIntegers) {
  const Dataset set = of_text(R"({"images": [
    {"id": "img_1", "file_name": "a.jpg", "width": 100, "height": 80},
    {"id": 9223372036854775809, "file_name": "b.jpg", "width": 100, "height": 80},
    {"id": 1, "file_name": "c.jpg", "width": 100, "height": 80}],
  "categories": [{"id": "z", "name": "zebra"}, {"id": 18446744073709551616, "name": "car"}],
  "annotations": [
    {"id": "one", "image_id": "img_1", "category_id": "z", "bbox": [1, 2, 3, 4], "area": 12},
    {"id": 9223372036854775810, "image_id": 9223372036854775809, "category_id": "z",
     "bbox": [1, 2, 3, 4], "area": 12},
    {"id": 3, "image_id": "img_1", "category_id": 18446744073709551616, "bbox": [1, 2, 3, 4],
     "area": 12},
    {"id": "four", "image_id": "1", "category_id": "z", "bbox": [1, 2, 3, 4], "area": 12}]})");
  ASSERT_EQ(set.size, 3);
  EXPECT_EQ(get(set, 0).img_id_text, "img_1");
  ASSERT_EQ(get(set, 0).instances.size(), 2U);
  EXPECT_EQ(get(set, 0).instances[1].label, 1);
  EXPECT_EQ(get(set, 1).img_id_text, "9223372036854775809");
  EXPECT_EQ(get(set, 1).instances.size(), 1U);
  EXPECT_EQ(get(set, 2).img_id, 1);
  EXPECT_TRUE(get(set, 2).instances.empty());
  EXPECT_THAT(warnings(set),
              ElementsAre("ann.json: 1 annotation left out, of images that the file does not list, "
                          "the first is four",
                          "ann.json has no category bus: the labels of the classes after it shift, "
                          "as they do in OpenMMLab"));
}

TEST_F(CocoValuesTest, AnAnnotationIdMayRepeatForImagesThatAreNotListed) {
  EXPECT_EQ(
      of(annotation(1, 7, 1, "[1, 2, 3, 4]") + "," + annotation(1, 99, 1, "[1, 2, 3, 4]")).size, 2);
  EXPECT_EQ(
      error(coco(annotation(1, 7, 1, "[1, 2, 3, 4]") + "," + annotation(1, 3, 1, "[1, 2, 3, 4]"))),
      "error: ann.json: the annotation id 1 occurs twice");
}

TEST_F(CocoValuesTest, WhiteSpaceDoesNotChangeASegmentation) {
  for (const std::string empty : {"[]", "[ ]", "[]\n  ", "{}", "{ }\t", "null ", "\"\" "}) {
    const Dataset set = of(annotation(1, 7, 1, "[1, 2, 3, 4]", R"(, "segmentation": )" + empty));
    EXPECT_EQ(get(set, 0).instances[0].segmentation.bytes, 0U) << empty;
  }
  const Dataset set =
      of(annotation(1, 7, 1, "[1, 2, 3, 4]", ", \"segmentation\": [[1, 2,\n 3]] \n "));
  EXPECT_EQ(get(set, 0).instances[0].segmentation.bytes, 12U);
}

TEST_F(CocoValuesTest, NamesCategoriesWithTheSameName) {
  const std::string text = R"({"images": [], "annotations": [], "categories": [
    {"id": 0, "name": "zebra"}, {"id": 5, "name": "car"}, {"id": 6, "name": "zebra"}]})";
  EXPECT_THAT(warnings(of_text(text, "", "('zebra', 'car')")),
              ElementsAre("ann.json has no images",
                          "ann.json has several categories of the same name 'zebra': the ids 0, 6 "
                          "get the labels 0, 2, as in OpenMMLab; with 2 classes in the config, "
                          "label 2 cannot be trained: rename or remove a category"));
}

TEST_F(CocoValuesTest, SaysThatNoClassIsACategory) {
  EXPECT_THAT(warnings(of_text(coco(""), "", "('Zebra', 'Car')")),
              ElementsAre("none of the classes is a category of ann.json: no object is used; set "
                          "metainfo=dict(classes=...) out of zebra, car, bus"));
}

TEST_F(CocoValuesTest, NamesAnEncodingOtherThanUtf8) {
  EXPECT_EQ(error("{\"info\": \"caf\xE9\", \"images\": []}"),
            "error: ann.json is not UTF-8: byte 0xE9 at byte 13");
  const std::string text = coco(annotation(1, 7, 1, "[1, 2, 3, 4]", ", \"name\": \"\xC4\xE3\""));
  EXPECT_EQ(error(text),
            "error: ann.json is not UTF-8: byte 0xC4 at byte " + std::to_string(text.find('\xC4')));
  EXPECT_EQ(error(std::string("\xFF\xFE{\0}\0", 6)),
            "error: ann.json is not UTF-8: its byte-order mark at byte 0 means UTF-16");
}

}  // namespace
}  // namespace pinfeed
