// SPDX-License-Identifier: Apache-2.0
// Bad annotation and results files: the whole message and the exit code.
#include "tests/cli/bad_input.h"

namespace pinfeed::test {
namespace {

TEST_F(BadInput, AMissingAnnotationFileIsNamed) {
  remove(annotations);
  expect_of_batches(
      3, "error: cannot open shapes/annotations/train.json: No such file or directory\n" +
             in_the_data_set);
}

TEST_F(BadInput, TruncatedAnnotationsAreNamed) {
  write(annotations, read(annotations).substr(0, 100));
  expect_of_batches(3,
                    "error: shapes/annotations/train.json is not valid JSON: the file ends too "
                    "early at byte 100\n" +
                        in_the_data_set);
}

TEST_F(BadInput, AnnotationsWithoutTheirListsAreNamed) {
  write(annotations, "{}");
  expect_of_batches(3,
                    "error: shapes/annotations/train.json has no 'categories'\n" + in_the_data_set);
}

TEST_F(BadInput, ABoxThatIsNoNumberIsNamed) {
  change(annotations, "\"bbox\":[", "\"bbox\":[NaN,");
  expect_of_batches(3, "error: shapes/annotations/train.json: annotation 1 has a bbox[0] of NaN\n" +
                           in_the_data_set);
}

TEST_F(BadInput, IgnoredBoxesAndCategoriesAreCounted) {
  write(annotations,
        R"({"images": [{"id": 1, "file_name": "000000.jpg", "width": 64, "height": 64}],
            "categories": [{"id": 1, "name": "circle"}, {"id": 2, "name": "square"},
                           {"id": 3, "name": "triangle"}, {"id": 4, "name": "star"},
                           {"id": 5, "name": "cross"}],
            "annotations": [
  {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, -3, 9], "area": 9},
  {"id": 2, "image_id": 1, "category_id": 1, "bbox": [99, 5, 3, 9], "area": 9},
  {"id": 3, "image_id": 1, "category_id": 7, "bbox": [5, 5, 3, 9], "area": 9}]})");
  const std::string begin = "warning: shapes/annotations/train.json: 1 annotation left out, ";
  expect_of_batches(0, begin + "with boxes of negative width or height, the first is 1\n" + begin +
                           "with boxes outside the image, the first is 2\n" + begin +
                           "of categories that the file does not list, the first is 3\n");
}

// The detections of coco-eval.
class BadDetections : public BadInput {
 protected:
  void expect(const std::string& detections, const std::string& message) const {
    write("found.json", detections);
    expect_error({"coco-eval", "shapes/annotations/val.json", "found.json"}, 3, message);
  }
};

TEST_F(BadDetections, OfAFileThatIsMissing) {
  expect_error({"coco-eval", "shapes/annotations/val.json", "nowhere.json"}, 3,
               "error: cannot open nowhere.json: No such file or directory\n");
  expect_error({"coco-eval", "nowhere.json", "nowhere.json"}, 3,
               "error: cannot open nowhere.json: No such file or directory\n");
}

TEST_F(BadDetections, InAFileOfAnotherKind) {
  expect("{}", "error: found.json is no list of detections\n");
  expect("[1, ", "error: found.json is not valid JSON: the file ends too early at byte 4\n");
  expect_error({"coco-eval", "found.json", "found.json"}, 3,
               "error: found.json is a list, not a COCO data set\n");
}

TEST_F(BadDetections, WithoutARequiredField) {
  expect(R"([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}])",
         "error: found.json: detections[0] has no 'score'\n");
  expect(R"([{"image_id": 1, "category_id": 1, "bbox": [1, 2, NaN, 4], "score": 1}])",
         "error: found.json: detections[0] has a bbox[2] of NaN\n");
  expect(R"([{"image_id": 77, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1}])",
         "error: found.json[0] is of image 77, which shapes/annotations/val.json does not have\n");
}

TEST_F(BadDetections, OfMasksNeedAGroundTruthWithMasks) {
  write("bare.json", R"({"images": [{"id": 1, "width": 9, "height": 9}], "categories": [{"id": 1}],
      "annotations": [{"id": 4, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12,
      "iscrowd": 0}]})");
  write("found.json", R"([{"image_id": 1, "category_id": 1, "score": 1, "segmentation":
      {"size": [9, 9], "counts": [81]}}])");
  expect_error(
      {"coco-eval", "bare.json", "found.json", "--iou-type", "segm"}, 3,
      "error: bare.json: annotation 4 has no 'segmentation', which the evaluation of masks "
      "needs\n");
}

TEST_F(BadDetections, WithMasksOnlyAreEvaluatedAsBoxesToo) {
  write("truth.json", R"({"images": [{"id": 1, "width": 9, "height": 9}], "categories": [{"id": 1,
      "name": "a"}], "annotations": [{"id": 4, "image_id": 1, "category_id": 1,
      "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0,
      "segmentation": [[1, 2, 4, 2, 4, 6, 1, 6]]}]})");
  write("found.json", R"([{"image_id": 1, "category_id": 1, "score": 1, "segmentation":
      {"size": [9, 9], "counts": [11, 4, 5, 4, 5, 4, 48]}}])");
  for (const std::string type : {"segm", "bbox"}) {
    const Outcome outcome =
        run({"coco-eval", "truth.json", "found.json", "--iou-type", type, "--json"});
    EXPECT_EQ(outcome.out, "{\"iou_type\": \"" + type +
                               "\", \"stats\": [0.99999999999999978, 0.99999999999999989, "
                               "0.99999999999999989, 0.99999999999999978, -1, -1, 1, 1, 1, 1, -1, "
                               "-1], \"per_class\": {\"a\": 0.99999999999999978}}\n")
        << outcome.err;
  }
}

}  // namespace
}  // namespace pinfeed::test
