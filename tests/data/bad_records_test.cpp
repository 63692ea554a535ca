// SPDX-License-Identifier: Apache-2.0
// Records of annotation files that cannot be used: an error, or bad samples (docs/config.md,
// Samples that cannot be used).
#include <gmock/gmock.h>

#include "pinfeed/annotations/coco_index.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
#include "records_table.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

class BadRecordsTest : public RecordsTest {
 protected:
  BadRecordsTest() {
    std::filesystem::create_directories(folder.path() + "/JPEGImages");
    for (int i = 0; i < 6; ++i) {
      image::write_jpeg(image::make_image({48, 32}),
                        folder.path() + "/JPEGImages/" + std::to_string(i) + ".jpg");
    }
  }

  // Six images with one annotation each; the given annotations replace some of them.
  std::string coco(const std::map<int, std::string>& others) const {
    std::string images;
    std::string boxes;
    for (int i = 0; i < 6; ++i) {
      const std::string id = std::to_string(i);
      images += (i == 0 ? "" : ",") + (R"({"id": )" + id) + R"(, "file_name": ")" + id +
                R"(.jpg", "width": 48, "height": 32})";
      const std::string usual =
          R"("image_id": )" + id +
          R"(, "category_id": 1, "bbox": [2, 2, 30, 20], "area": 600, "id": )" +
          std::to_string(10 + i);
      const auto other = others.find(i);
      boxes += (i == 0 ? "{" : ",{") + (other == others.end() ? usual : other->second) + "}";
    }
    return R"({"categories": [{"id": 1, "name": "cat"}], "images": [)" + images +
           R"(], "annotations": [)" + boxes + "]}";
  }
  Loader loader(const std::string& own, const std::string& type, const std::string& keys) const {
    const Value config =
        read_config_text("pinfeed = dict(threads=1, " + own +
                         ")\ntrain_dataloader = dict(batch_size=6, sampler=dict("
                         "type='DefaultSampler', shuffle=False), dataset=dict(type='" +
                         type + "', data_root='" + folder.path() + "', " + keys +
                         ", pipeline=[dict(type='LoadImageFromFile'), "
                         "dict(type='LoadAnnotations'), dict(type='PackDetInputs')]))\n")
            .root;
    return make_loader(config, "train_dataloader", catalogs(), loader_options(config));
  }
  // The images of the only batch, and the warnings.
  std::pair<Texts, Texts> told(const std::string& own, const std::string& type,
                               const std::string& keys) const {
    Loader batches = loader(own, type, keys);
    Texts names;
    Texts warnings;
    for (const std::string& text : batches.dataset().warnings) {
      warnings.push_back(without_folder(text));
    }
    batches.warn_to([&](const std::string& text) { warnings.push_back(without_folder(text)); });
    const auto batch = batches.next();
    for (const Sample& sample : batch->samples()) names.emplace_back(sample.file_name);
    return {names, warnings};
  }
  std::pair<Texts, Texts> told_of(const std::string& own,
                                  const std::map<int, std::string>& others) {
    file("a.json", coco(others));
    return told(own, "CocoDataset", coco_keys);
  }

  const std::string coco_keys =
      "ann_file='a.json', data_prefix=dict(img='JPEGImages'), metainfo=dict(classes=('cat',)), "
      "filter_cfg=dict(filter_empty_gt=True, min_size=16)";
  const std::string skip = "on_bad_sample='skip'";
};

TEST_F(BadRecordsTest, OfACocoFileAreBadSamples) {
  const auto [names, warnings] =
      told_of(skip, {{1, R"("image_id": 1, "category_id": 1, "bbox": [NaN, 2, 3, 4], "id": 11,
                            "area": 5)"},
                     {3, R"("id": 13, "image_id": 3, "category_id": 1, "bbox": [1, 2, 3],
                            "area": 5)"},
                     {4, R"("id": 14, "image_id": 4, "category_id": 1, "area": 5)"}});
  EXPECT_THAT(names, ElementsAre("0.jpg", "2.jpg", "2.jpg", "5.jpg", "5.jpg", "5.jpg"));
  const std::string replaced = " was replaced: JPEGImages/";
  EXPECT_THAT(
      warnings,
      ElementsAre(
          "sample 1" + replaced +
              "1.jpg: a.json: annotations[1] has a bbox[0] of NaN (annotation 11 of a.json)",
          "sample 3" + replaced +
              "3.jpg: a.json: annotation 13 has a 'bbox' of 3 numbers, not 4 (annotation "
              "13 of a.json)",
          "sample 4" + replaced +
              "4.jpg: a.json: annotation 14 has no 'bbox' (annotation 14 of a.json)"));
}

TEST_F(BadRecordsTest, WithTheSameAnnotationIdAreAllBadSamples) {
  const auto [names, warnings] =
      told_of("on_bad_sample='skip', bad_sample_ledger='" + folder.path() + "/bad.jsonl'",
              {{2, R"("id": 10, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4],
                      "area": 5)"}});
  EXPECT_THAT(names, ElementsAre("1.jpg", "1.jpg", "3.jpg", "3.jpg", "4.jpg", "5.jpg"));
  std::ifstream ledger(folder.path() + "/bad.jsonl");
  std::string first;
  std::getline(ledger, first);
  EXPECT_EQ(without_folder(first),
            R"({"file": "JPEGImages/0.jpg", "byte_offset": null, "step": "CocoDataset", "reason": )"
            R"("a.json: the annotation id 10 occurs twice", "annotation": 10, )"
            R"("annotation_file": "a.json", "sample": 0, "epoch": 0, "batch": 0})");
}

TEST_F(BadRecordsTest, WithoutAnImageAreDropped) {
  const auto [names, warnings] =
      told_of(skip, {{1, R"("id": 11, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 5)"}});
  EXPECT_THAT(names, ElementsAre("0.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"));
  EXPECT_THAT(warnings, ElementsAre("a.json: annotation 11 has no 'image_id'; it is left out, as "
                                    "no image that the file lists has it"));
}

TEST_F(BadRecordsTest, WithoutAnImageAreOneWarning) {
  std::map<int, std::string> others;
  for (int i = 1; i < 5; ++i) {
    others[i] =
        R"("category_id": 1, "bbox": [1, 2, 3, 4], "area": 5, "id": )" + std::to_string(10 + i);
  }
  const auto [names, warnings] = told_of(skip, others);
  EXPECT_THAT(warnings, ElementsAre(testing::AllOf(
                            testing::StartsWith("a.json: annotation 11 has "),
                            testing::EndsWith("; it and 3 other bad records are left out, as no "
                                              "image that the file lists has them"))));
}

TEST_F(BadRecordsTest, HaveBoxesThatFloat32CannotRepresent) {
  file("a.json", coco({{1, R"("id": 11, "image_id": 1, "category_id": 1, "bbox": [1, 1, 1e308, 9],
                              "area": 5)"}}));
  EXPECT_EQ(without_folder(first_line(failure([&] { loader("", "CocoDataset", coco_keys); }))),
            "error: a.json: annotation 11 has a bbox[2] of 1e+308, which float32 cannot hold");
}

TEST_F(BadRecordsTest, TextAfterTheJsonIsAnErrorAsInPython) {
  const std::string whole = coco({});
  file("a.json", whole + " \n{}");
  EXPECT_EQ(without_folder(first_line(failure([&] { loader("", "CocoDataset", coco_keys); }))),
            "error: a.json is not valid JSON: expected the end of the file at byte " +
                std::to_string(whole.size() + 2));
}

TEST_F(BadRecordsTest, InvalidSegmentationsAreReportedAndCounted) {
  const std::string box =
      R"(, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 5, "segmentation": )";
  file("a.json",
       coco({{0, R"("id": 20, "image_id": 0)" + box + "[[1, 2, 3, 4, 5, 6]]"},
             {1, R"("id": 21, "image_id": 1)" + box + "[[1, 2, 3, 4, 5, 6], [1, 2, 3, 4]]"},
             {2, R"("id": 22, "image_id": 2)" + box + R"({"size": [32, 48]})"},
             {3, R"("id": 23, "image_id": 3)" + box + "[[]]"}}));
  const Value config =
      read_config_text(
          "pinfeed = dict(threads=1)\ntrain_dataloader = dict(batch_size=4, sampler="
          "dict(type='DefaultSampler', shuffle=False), dataset=dict("
          "type='CocoDataset', data_root='" +
          folder.path() + "', " + coco_keys +
          ", indices=4, pipeline=[dict(type='LoadImageFromFile'), "
          "dict(type='LoadAnnotations', with_mask=True), dict(type='PackDetInputs')]))\n")
          .root;
  Loader batches = make_loader(config, "train_dataloader", catalogs(), loader_options(config));
  std::vector<std::string> warnings;
  batches.warn_to([&](const std::string& text) { warnings.push_back(without_folder(text)); });
  for (int epoch = 0; epoch < 2; ++epoch) {
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_FALSE(batches.next().has_value());
  }
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_THAT(warnings[0],
              testing::StartsWith("a.json: annotation 21 has a segmentation that is invalid"));
  EXPECT_EQ(warnings[1],
            "a.json: 3 annotations of the epoch have a segmentation that is invalid in whole or in "
            "part; the first is 21");
}

TEST_F(BadRecordsTest, AreAnErrorWithRaise) {
  file("a.json", coco({{1, R"("id": 11, "image_id": 1, "category_id": 1, "area": 5)"}}));
  EXPECT_EQ(without_folder(first_line(failure([&] { loader("", "CocoDataset", coco_keys); }))),
            "error: a.json: annotation 11 has no 'bbox'");
}

TEST_F(BadRecordsTest, PreventAnIndex) {
  file("a.json", coco({{1, R"("id": 11, "image_id": 1, "category_id": 1, "area": 5)"}}));
  const std::string path = folder.path() + "/a.json";
  EXPECT_EQ(read_indexed_coco_file(path, 0, BadRecords::keep).bad.size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(coco_index_path(path)));
  file("a.json", coco({}));
  EXPECT_THAT(read_indexed_coco_file(path, 0, BadRecords::keep).bad, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(coco_index_path(path)));
}

TEST_F(BadRecordsTest, OfImagesAreBadSamples) {
  std::string text = coco({});
  text.replace(text.find(R"("width": 48, "height": 32},{"id": 3)"), 11, R"("width": -1)");
  file("a.json", text);
  const auto [names, warnings] = told(skip, "CocoDataset", coco_keys);
  EXPECT_THAT(names, ElementsAre("0.jpg", "1.jpg", "3.jpg", "3.jpg", "4.jpg", "5.jpg"));
  ASSERT_FALSE(warnings.empty());
  EXPECT_EQ(
      warnings.back(),
      "sample 2 was replaced: JPEGImages/2.jpg: a.json: image 2 has a 'width' of -1; it must be "
      "from 0 to 2147483647");
}

TEST_F(BadRecordsTest, OfXmlFilesAreBadSamples) {
  file("list.txt", "0\n1\n2\n3\n");
  const std::string good =
      "<annotation><size><width>48</width><height>32</height></size><object><name>cat</name>"
      "<bndbox><xmin>3</xmin><ymin>3</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
      "</annotation>";
  for (const std::string id : {"0", "3"}) file("Annotations/" + id + ".xml", good);
  file("Annotations/1.xml", "<annotation><object></annotation>");
  const auto [names, warnings] =
      told(skip, "XMLDataset", "ann_file='list.txt', metainfo=dict(classes=('cat',))");
  EXPECT_THAT(names, ElementsAre("JPEGImages/0.jpg", "JPEGImages/3.jpg", "JPEGImages/3.jpg",
                                 "JPEGImages/3.jpg"));
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[1],
            "sample 2 was replaced: JPEGImages/2.jpg: cannot read Annotations/2.xml: No such file "
            "or directory");
}

TEST_F(BadRecordsTest, OfOpenMMLabsOwnFormatAreBadSamples) {
  const std::string keys = "ann_file='r.json', data_prefix=dict(img_path='JPEGImages')";
  file("r.json", R"({"metainfo": {"classes": ["cat"]}, "data_list": [
    {"img_path": "0.jpg", "instances": [{"bbox": [1, 2, 3, 4], "bbox_label": 0}]},
    {"img_path": "1.jpg", "instances": [{"bbox": [1, 2, 3, 4], "bbox_label": 0},
                                        {"bbox": [1, NaN, 3, 4], "bbox_label": 0}]},
    {"img_path": "2.jpg", "instances": [{"bbox": [1, 2, 3, 4], "bbox_label": 9}]},
    {"instances": []},
    {"img_path": "4.jpg", "instances": []}]})");
  EXPECT_EQ(without_folder(first_line(failure([&] { loader("", "BaseDetDataset", keys); }))),
            "error: r.json: data_list[1] has a bbox[1] of NaN");
  const auto [names, warnings] = told(skip, "BaseDetDataset", keys);
  EXPECT_THAT(names, ElementsAre("0.jpg", "4.jpg", "4.jpg", "4.jpg", "4.jpg"));
  EXPECT_THAT(warnings,
              ElementsAre("sample 1 was replaced: JPEGImages/1.jpg: r.json: data_list[1] has a "
                          "bbox[1] of NaN",
                          "sample 2 was replaced: JPEGImages/2.jpg: r.json: data_list[2] has a "
                          "label of 9; there are 1 classes",
                          "sample 3 was replaced: JPEGImages/: r.json: data_list[3] has no "
                          "'img_path'"));
}

}  // namespace
}  // namespace pinfeed
