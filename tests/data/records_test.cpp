// SPDX-License-Identifier: Apache-2.0
// The data sets that are no COCO file: the rules of specs data 2.1, 2.2, 2.4, and mmpretrain's
// folders. The golden is made by tools/golden/datasets.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "pinfeed/config/convert.h"
#include "planning.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

using Golden = std::map<std::string, std::vector<std::string>>;

const Golden& golden() {
  static const Golden all = [] {
    Golden read;
    std::ifstream file(PINFEED_SOURCE_DIR "/tests/golden/datasets.txt");
    std::string name;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("# ")) {
        name = line.substr(2);
      } else {
        read[name].push_back(line);
      }
    }
    return read;
  }();
  return all;
}

std::string number(double value) { return repr(Value(value)); }

std::string id_of(const Sample& sample) {
  if (!sample.has_img_id) return "-";
  return sample.img_id_text.empty() ? std::to_string(sample.img_id)
                                    : std::string(sample.img_id_text);
}

// A record as the golden writes it.
std::string line_of(const Sample& sample) {
  std::string line = std::string(sample.file_name) + "|" + id_of(sample) + "|" +
                     std::to_string(sample.annotated.width) + "|" +
                     std::to_string(sample.annotated.height) + "|";
  line += sample.fields.has(Field::gt_label) ? std::to_string(sample.gt_label) : "-";
  for (const Instance& one : sample.instances) {
    line += "|" + std::to_string(one.label) + "|" + number(one.x1) + "|" + number(one.y1) + "|" +
            number(one.x2) + "|" + number(one.y2) + "|" + (one.ignore ? "1" : "0");
  }
  return line;
}

std::vector<std::string> lines_of(const Dataset& set) {
  std::vector<std::string> lines;
  Arena arena;
  for (std::int64_t i = 0; i < set.size; ++i) lines.push_back(line_of(set.get(i, arena)));
  return lines;
}

std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

class RecordsTest : public testing::Test {
 protected:
  std::string without_folder(std::string text) const {
    const std::string path = folder.path() + "/";
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path)) {
      text.erase(at, path.size());
    }
    return text;
  }
  // The first line of the error of a data set with these keys in the folder.
  std::string error(const std::string& type, const std::string& keys) const {
    return without_folder(first_line(failure([&] { of(type, keys); })));
  }
  Dataset of(const std::string& type, const std::string& keys) const {
    return dataset("dict(type='" + type + "', data_root='" + folder.path() + "', " + keys + ")");
  }
  void file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(
        std::filesystem::path(folder.path() + "/" + name).parent_path());
    folder.file(name, text);
  }

  Folder folder;
  Arena arena;
};

class XmlTest : public RecordsTest {
 protected:
  // The first line of the error of a data set of one file.
  std::string error_of(const std::string& xml) const {
    file("list.txt", "a\n");
    file("Annotations/a.xml", xml);
    return error("XMLDataset", keys);
  }
  static std::string object(const std::string& box) {
    return "<annotation><size><width>9</width><height>8</height></size><object><name>cat</name>"
           "<bndbox>" +
           box + "</bndbox></object></annotation>";
  }

  const std::string keys = "ann_file='list.txt', metainfo=dict(classes=('dog', 'cat'))";
};

TEST_F(XmlTest, ReadsWhatUpstreamReads) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data; PINFEED_DATA names their folder";
  const auto bccd = [&](const std::string& type, const std::string& more) {
    return lines_of(dataset("dict(type='" + type + "', data_root='" + *data +
                            "/bccd', data_prefix=dict(sub_data_root=''), " + more + ")"));
  };
  const std::string classes = "metainfo=dict(classes=('RBC', 'WBC', 'Platelets'))";
  EXPECT_EQ(bccd("XMLDataset", "ann_file='ImageSets/Main/train.txt', indices=20, " + classes),
            golden().at("xml_train"));
  EXPECT_EQ(bccd("XMLDataset", "ann_file='ImageSets/Main/val.txt', indices=20, " + classes),
            golden().at("xml_val"));
  EXPECT_EQ(bccd("mmdet.VOCDataset", "ann_file='ImageSets/Main/test.txt', indices=3"),
            golden().at("voc"));
  EXPECT_EQ(bccd("XMLDataset",
                 "ann_file='ImageSets/Main/val.txt', indices=20, "
                 "metainfo=dict(classes=('Platelets', 'WBC')), "
                 "filter_cfg=dict(filter_empty_gt=True, min_size=32, bbox_min_size=60)"),
            golden().at("xml_filtered"));
}

// The COCO files of these images keep VOC's corners, which count from 1.
TEST_F(XmlTest, AgreesWithTheCocoFilesOfTheSameImages) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data; PINFEED_DATA names their folder";
  const std::string root = "data_root='" + *data +
                           "/bccd', metainfo=dict(classes=('RBC', 'WBC', "
                           "'Platelets')), ann_file=";
  const Dataset voc = dataset("dict(type='XMLDataset', " + root + "'ImageSets/Main/val.txt')");
  const Dataset coco = dataset("dict(type='CocoDataset', " + root +
                               "'annotations/val.json', data_prefix=dict(img='JPEGImages'))");
  ASSERT_EQ(voc.size, coco.size);
  std::size_t boxes = 0;
  for (std::int64_t i = 0; i < voc.size; ++i) {
    const Sample a = voc.get(i, arena);
    const Sample b = coco.get(i, arena);
    EXPECT_EQ(a.img_path, b.img_path);
    EXPECT_EQ(a.annotated, b.annotated);
    for (const Instance& wanted : b.instances) {
      const bool found = std::any_of(a.instances.begin(), a.instances.end(), [&](const auto& one) {
        return one.label == wanted.label && one.x1 == wanted.x1 - 1 && one.y2 == wanted.y2 - 1;
      });
      EXPECT_TRUE(found) << a.img_path << " " << wanted.annotation;
      ++boxes;
    }
  }
  EXPECT_GT(boxes, 500U);
}

TEST_F(XmlTest, TheOrderOfClassesDecidesLabelsAndFractionsAreCutOff) {
  file("list.txt", "a\r\n");
  file("Annotations/a.xml",
       object("<xmin> 3.9 </xmin><ymin>1e0</ymin><xmax>7</xmax><ymax>8</ymax>"));
  const Dataset set = of("XMLDataset", keys);
  EXPECT_THAT(lines_of(set), ElementsAre("JPEGImages/a.jpg|a|9|8|-|1|2.0|0.0|6.0|7.0|0"));
  EXPECT_EQ(set.get(0, arena).img_path, folder.path() + "/JPEGImages/a.jpg");
}

TEST_F(XmlTest, KnowsTheYearByTheFolder) {
  file("list.txt", "");
  file("VOC2012/nothing", "");
  const Dataset set =
      of("VOCDataset", "ann_file='list.txt', data_prefix=dict(sub_data_root='VOC2012')");
  EXPECT_EQ(*set.metainfo.others.find("dataset_type"), Value("VOC2012"));
  EXPECT_EQ(set.metainfo.classes.size(), 20U);
  EXPECT_EQ(without_folder(set.warnings.at(0)), "list.txt lists no images");
}

TEST_F(XmlTest, NamesTheFileAndTheObject) {
  EXPECT_EQ(error_of("<annotation><object>"),
            "error: Annotations/a.xml: no XML from byte 19 on: Start-end tags mismatch");
  EXPECT_EQ(error_of(""),
            "error: Annotations/a.xml: no XML from byte 0 on: No document element found");
  EXPECT_EQ(error_of(object("<xmin>1</xmin><ymin>1</ymin><xmax>7</xmax>")),
            "error: Annotations/a.xml: object 0 has no <ymax>");
  EXPECT_EQ(error_of(object("<xmin>1</xmin><ymin>nan</ymin><xmax>7</xmax><ymax>8</ymax>")),
            "error: Annotations/a.xml: object 0 has a <ymin> of 'nan'");
  EXPECT_EQ(error_of("<annotation><object><name>cat</name></object></annotation>"),
            "error: Annotations/a.xml: object 0 has no <bndbox>");
  EXPECT_EQ(error_of("<annotation><size><width>-4</width></size></annotation>"),
            "error: Annotations/a.xml: <size> has a <width> of '-4'");
  EXPECT_EQ(error_of("<annotation></annotation>"),
            "error: cannot open JPEGImages/a.jpg: No such file or directory");
}

TEST_F(XmlTest, SaysWhatIsMissing) {
  EXPECT_EQ(error("XMLDataset", keys), "error: cannot read list.txt: No such file or directory");
  file("list.txt", "b\n");
  EXPECT_EQ(error("XMLDataset", keys),
            "error: cannot read Annotations/b.xml: No such file or directory");
  EXPECT_EQ(error("XMLDataset", "ann_file='list.txt'"),
            "error: XMLDataset needs the names of the classes");
  EXPECT_EQ(error("XMLDataset", "ann_file='list.txt', metainfo=dict(classes='cat')"),
            "error: classes is 'cat', which is neither a file nor a list of names");
  EXPECT_EQ(error("XMLDataset", keys + ", test_mode=True, filter_cfg=dict(bbox_min_size=3)"),
            "error: bbox_min_size is for training: test_mode=True ignores no object");
}

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

TEST_F(BaseDatasetTest, TheConfigCountsBeforeTheFile) {
  file("records.json", records(""));
  const Dataset set =
      of("BaseDataset", "ann_file='records.json', metainfo=dict(classes=['a'], task='other')");
  EXPECT_THAT(set.metainfo.classes, ElementsAre("a"));
  EXPECT_EQ(*set.metainfo.others.find("task"), Value("other"));
  EXPECT_EQ(without_folder(set.warnings.at(0)), "records.json holds no records");
}

TEST_F(BaseDatasetTest, ReadsMasksOutOfTheFile) {
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
  EXPECT_EQ(error_of(records(
                R"({"img_path": "a", "instances": [{"bbox": [1, 2, NaN, 3], "bbox_label": 1}]})")),
            "error: records.json: data_list[0] has a bbox[2] of NaN");
  EXPECT_EQ(error_of(records(
                R"({"img_path": "a", "instances": [{"bbox": [1, 2, 3, 3], "bbox_label": 2}]})")),
            "error: records.json: data_list[0] has a label of 2; there are 2 classes");
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

TEST_F(FolderTest, TheLabelStaysWithItsPictureUnderIndices) {
  EXPECT_THAT(lines_of(of("CustomDataset", "data_prefix='train', indices=[-1, 1]")),
              ElementsAre("c-d/z.tif|-|0|0|3", "b/10.jpg|-|0|0|1"));
}

TEST_F(FolderTest, SaysWhatIsWrong) {
  EXPECT_EQ(error("CustomDataset", "data_prefix='nowhere'"),
            "error: cannot read the folder nowhere: No such file or directory");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', extensions=['.gif']"),
            "error: no pictures below train");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', classes=['x', 'y']"),
            "error: train has 4 sub-folders; the config names 2 classes");
  file("list.txt", "b/2.JPG 1\na.jpg\n");
  EXPECT_EQ(error("CustomDataset", "data_prefix='train', ann_file='list.txt'"),
            "error: list.txt:2: 'a.jpg' does not end in a label");
  EXPECT_EQ(error("ImageNet", "split='half'"),
            "error: split is 'half'; it must be 'train', 'val' or 'test'");
  file("train/empty/readme.txt", "");
  EXPECT_EQ(without_folder(of("CustomDataset", "data_prefix='train'").warnings.at(0)),
            "train: no pictures in empty");
}

}  // namespace
}  // namespace pinfeed
