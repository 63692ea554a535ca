// SPDX-License-Identifier: Apache-2.0
// The rules of docs/specs/openmmlab-data.md, 2.1 and 2.2, and mmpretrain's folders.
#include <gmock/gmock.h>

#include "records_table.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

class BaseDatasetTest : public RecordsTest {
 protected:
  std::string error_of(const std::string& text) const {
    file("records.json", text);
    return error("BaseDetDataset", "ann_file='records.json'");
  }
  static std::string records(const std::string& list) {
    return R"({"metainfo": {"classes": ["cat", "dog"], "task": "pets"}, "data_list": [)" + list +
           "]}";
  }
};

TEST_F(BaseDatasetTest, ReadsWhatUpstreamReads) {
  file("records.json",
       records(R"({"img_path": "one.jpg", "img_id": 7, "height": 40, "width": 60, "instances": [
    {"bbox": [1, 2.5, 30.25, 20], "bbox_label": 1, "ignore_flag": 0},
    {"bbox": [-3, 0, 4, 9], "bbox_label": 0, "ignore_flag": 1}]},
    {"img_path": "sub/two.png", "img_id": "text id", "height": 10, "width": 20, "instances": []})"));
  for (const char* type : {"mmdet.BaseDetDataset", "mmengine.BaseDataset"}) {
    const Dataset set = of(type, "ann_file='records.json', data_prefix=dict(img_path='img')");
    EXPECT_EQ(lines_of(set), golden().at("json"));
    EXPECT_EQ(set.get(1, arena).img_path, folder.path() + "/img/sub/two.png");
    EXPECT_THAT(set.metainfo.classes, ElementsAre("cat", "dog"));
    EXPECT_EQ(*set.metainfo.others.find("task"), Value("pets"));
  }
}

TEST_F(BaseDatasetTest, TheConfigHasPrecedenceOverTheFile) {
  file("records.json", records(""));
  const Dataset set =
      of("BaseDataset", "ann_file='records.json', metainfo=dict(classes=['a'], task='other')");
  EXPECT_THAT(set.metainfo.classes, ElementsAre("a"));
  EXPECT_EQ(*set.metainfo.others.find("task"), Value("other"));
  EXPECT_EQ(without_folder(set.warnings.at(0)), "records.json has no records");
}

TEST_F(BaseDatasetTest, ReadsMasksFromTheFile) {
  file("records.json",
       records(R"({"img_path": "a", "instances": [{"bbox": [0, 0, 2, 2], "bbox_label": 1,
        "mask": [[0, 0, 2, 0, 2, 2]]}]})"));
  const Dataset set = of("BaseDetDataset", "ann_file='records.json'");
  const Sample sample = set.get(0, arena);
  EXPECT_EQ(sample.segmentations->read(sample.instances[0].segmentation, arena),
            "[[0, 0, 2, 0, 2, 2]]");
}

TEST_F(BaseDatasetTest, NamesTheRecord) {
  EXPECT_EQ(error_of("[]"),
            "error: records.json is a list, not a dict of 'metainfo' and 'data_list'");
  EXPECT_EQ(error_of(R"({"metainfo": {}})"), "error: records.json has no 'data_list'");
  EXPECT_EQ(error_of(R"({"metainfo": 3, "data_list": []})"),
            "error: records.json: 'metainfo' is no dict");
  EXPECT_EQ(error_of(records(R"({"img_id": 1})")),
            "error: records.json: data_list[0] has no 'img_path'");
  EXPECT_EQ(error_of(records(R"({"img_path": "a", "instances": [{"bbox_label": 1}]})")),
            "error: records.json: data_list[0] has an instance 0 without a 'bbox'");
  EXPECT_EQ(error_of(records(R"({"img_path": "a", "instances": [7]})")),
            "error: records.json: data_list[0] has an instance 0 that is 7; it must be a dict");
  EXPECT_EQ(error_of(records(R"({"img_path": "a", "instances": "none"})")),
            "error: records.json: data_list[0] has 'instances' of \"none\"; they must be a list");
  EXPECT_EQ(error_of(records(R"({"img_path": ""})")),
            "error: records.json: data_list[0] has an 'img_path' that is empty");
  EXPECT_EQ(error_of(records(R"({"img_path": "a", "img_id": {}})")),
            "error: records.json: data_list[0] has an 'img_id' of a dict; it must be an integer or "
            "a text");
  EXPECT_EQ(error_of(records(
                R"({"img_path": "a", "instances": [{"bbox": [1, 2, NaN, 3], "bbox_label": 1}]})")),
            "error: records.json: data_list[0] has a bbox[2] of NaN");
  EXPECT_EQ(error_of(records(
                R"({"img_path": "a", "instances": [{"bbox": [1, 2, 3, 3], "bbox_label": 2}]})")),
            "error: records.json: data_list[0] has a label of 2; there are 2 classes");
}

TEST_F(BaseDatasetTest, TakesIdsThatAreTextsOrLargeIntegers) {
  file("records.json", records(R"({"img_path": "a", "img_id": 9223372036854775809},
                                  {"img_path": "b", "img_id": "b"})"));
  const Dataset set = of("BaseDetDataset", "ann_file='records.json'");
  EXPECT_EQ(set.get(0, arena).img_id_text, "9223372036854775809");
  EXPECT_EQ(set.get(1, arena).img_id_text, "b");
}

class FolderTest : public RecordsTest {
 protected:
  FolderTest() {
    for (const char* name : {"b/2.JPG", "b/10.jpg", "b/deep/1.png", "a/x.jpeg", "a/x.txt",
                             "a/.hidden.jpg", "c-d/z.tif", "c/z.bmp", "top.jpg"}) {
      file(std::string("train/") + name, "");
    }
    const std::string lines = "b/2.JPG 1\na/x.jpeg 0\nwith blank.jpg 2\nb/10.jpg 1\n";
    file("list.txt", lines);
    file("meta/train.txt", lines);
  }
};

TEST_F(FolderTest, FindsWhatUpstreamFinds) {
  const Dataset labelled = of("mmpretrain.CustomDataset", "data_prefix='train'");
  EXPECT_EQ(lines_of(labelled), golden().at("folder"));
  EXPECT_THAT(labelled.metainfo.classes, ElementsAre("a", "b", "c", "c-d"));
  EXPECT_TRUE(labelled.gives.has(Field::gt_label));
  const Dataset bare = of("CustomDataset", "data_prefix=dict(img_path='train'), with_label=False");
  EXPECT_EQ(lines_of(bare), golden().at("folder_without_labels"));
  EXPECT_FALSE(bare.gives.has(Field::gt_label));
}

TEST_F(FolderTest, ReadsAListAsUpstreamDoes) {
  EXPECT_EQ(lines_of(of("CustomDataset", "data_prefix='train', ann_file='list.txt'")),
            golden().at("listed"));
  const Dataset split = of("mmpretrain.ImageNet", "split='train'");
  EXPECT_EQ(lines_of(split), golden().at("split"));
  EXPECT_EQ(split.get(0, arena).img_path, folder.path() + "/train/b/2.JPG");
}

TEST_F(FolderTest, TakesOtherClassesThanThoseOfImageNetWithOneWarning) {
  const Dataset plain = of("CustomDataset", "data_prefix='train'");
  const Dataset images = of("ImageNet", "data_prefix='train'");
  ASSERT_EQ(images.warnings.size(), plain.warnings.size() + 1);
  EXPECT_EQ(without_folder(images.warnings.back()),
            "train has 4 sub-folders, ImageNet has 1000: labels are the positions of these "
            "sub-folders");
  EXPECT_TRUE(of("ImageNet", "data_prefix='train', with_label=False").warnings.empty());
}

TEST_F(FolderTest, KeepsLabelsWithTheirImagesUnderIndices) {
  EXPECT_THAT(lines_of(of("CustomDataset", "data_prefix='train', indices=[-1, 1]")),
              ElementsAre("c-d/z.tif|-|0|0|3", "b/10.jpg|-|0|0|1"));
}

TEST_F(FolderTest, NamesTheError) {
  EXPECT_EQ(error("CustomDataset", "data_prefix='nowhere'"),
            "error: cannot read the folder nowhere: No such file or directory");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', extensions=['.gif']"),
            "error: no images below train");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', classes=['x', 'y']"),
            "error: train has 4 sub-folders; the config names 2 classes");
  file("list.txt", "b/2.JPG 1\na.jpg\n");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', ann_file='list.txt'"),
            "error: list.txt:2: 'a.jpg' does not end in a label");
  EXPECT_EQ(error("ImageNet", "split='half'"),
            "error: split is 'half'; it must be 'train', 'val' or 'test'");
  file("train/empty/readme.txt", "");
  EXPECT_EQ(without_folder(of("CustomDataset", "data_prefix='train'").warnings.at(0)),
            "train: no images in empty");
  file("flat/a.jpg", "");
  file("flat/b.png", "");
  file("flat/none/c.txt", "");
  EXPECT_EQ(error("CustomDataset", "data_prefix='flat'"),
            "error: no sub-folder of flat contains images");
  const std::string whole =
      failure([&] { of("CustomDataset", "data_prefix='flat', with_label=True"); });
  EXPECT_NE(whole.find("help: with_label=True takes the sub-folders as classes; with_label=False "
                       "reads the 2 that lie in the folder directly\n"),
            std::string::npos)
      << whole;
}

TEST_F(FolderTest, AnEmptyListHasAWarning) {
  file("list.txt", "");
  const Dataset set = of("CustomDataset", "data_prefix='train', ann_file='list.txt'");
  EXPECT_EQ(set.size, 0);
  ASSERT_EQ(set.warnings.size(), 1U);
  EXPECT_EQ(without_folder(set.warnings[0]), "list.txt lists no images");
}

TEST_F(FolderTest, CountsImagesWithoutALabel) {
  const Dataset set = of("CustomDataset", "data_prefix='train'");
  ASSERT_EQ(set.warnings.size(), 1U);
  EXPECT_EQ(without_folder(set.warnings[0]),
            "train: images that lie in no sub-folder have no label and are left out: 1");
}

TEST_F(FolderTest, NamesALineThatNamesNoFile) {
  file("list.txt", "b/2.JPG\n\nb/10.jpg\n");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', ann_file='list.txt', with_label=False"),
            "error: list.txt:2 is empty; each line names an image");
  file("list.txt", std::string("b\0.jpg 3\n", 9));
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', ann_file='list.txt'"),
            "error: list.txt:1 has a null character; each line names an image");
}

}  // namespace
}  // namespace pinfeed
