// SPDX-License-Identifier: Apache-2.0
// The rules of docs/specs/openmmlab-data.md, 2.4.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "records_table.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

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

TEST_F(XmlTest, RefusesAPipeWithoutWaiting) {
  ASSERT_EQ(::mkfifo((folder.path() + "/list.txt").c_str(), 0600), 0);
  EXPECT_EQ(error("XMLDataset", keys), "error: list.txt is not a regular file");
  EXPECT_EQ(error("CustomDataset", "ann_file='list.txt'"), "error: list.txt is not a regular file");
  std::filesystem::remove(folder.path() + "/list.txt");
  file("list.txt", "a\n");
  std::filesystem::create_directories(folder.path() + "/Annotations");
  ASSERT_EQ(::mkfifo((folder.path() + "/Annotations/a.xml").c_str(), 0600), 0);
  EXPECT_EQ(error("XMLDataset", keys), "error: Annotations/a.xml is not a regular file");
}

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

TEST_F(XmlTest, LabelsFollowTheOrderOfClassesAndFractionsAreTruncated) {
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

TEST_F(XmlTest, ReadsTheEncodingThatTheFileDeclares) {
  file("list.txt", "a\n");
  const auto names = [&](const std::string& text) {
    file("Annotations/a.xml", text);
    const Dataset set = of("XMLDataset", "ann_file='list.txt', metainfo=dict(classes=('猫', 'é'))");
    std::vector<std::int64_t> labels;
    for (const Instance& one : set.get(0, arena).instances) labels.push_back(one.label);
    return labels;
  };
  const auto named = [](const std::string& declaration, const std::string& name) {
    return declaration +
           "<annotation><size><width>9</width><height>8</height></size><object><name>" + name +
           "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>7</xmax><ymax>8</ymax></bndbox>"
           "</object></annotation>";
  };
  EXPECT_THAT(names(named("", "猫")), ElementsAre(0));
  EXPECT_THAT(names(named("\xEF\xBB\xBF<?xml version=\"1.0\"?>", "猫")), ElementsAre(0));
  EXPECT_THAT(names(named("<?xml version='1.0' encoding='GBK'?>", "\xC3\xA8")), ElementsAre(0));
  EXPECT_THAT(names(named("<?xml version=\"1.0\" encoding = \"ISO-8859-1\" ?>", "\xE9")),
              ElementsAre(1));
  EXPECT_THAT(names(named("<?xml version='1.0' encoding='windows-1252'?>", "\xE9")),
              ElementsAre(1));
  EXPECT_THAT(names(named("<?xml version='1.0' encoding='Shift_JIS'?>", "\x94\x4C")),
              ElementsAre(0));
  std::string wide = "\xFF\xFE";
  for (const char c : named("<?xml version='1.0' encoding='UTF-16'?>", "@")) {
    wide += c == '@' ? '\xE9' : c;
    wide += '\0';
  }
  EXPECT_THAT(names(wide), ElementsAre(1));
}

TEST_F(XmlTest, NamesAnEncodingThatIsWrong) {
  const std::string cat = object("<xmin>1</xmin><ymin>1</ymin><xmax>7</xmax><ymax>8</ymax>");
  EXPECT_EQ(error_of("<annotation>\xE9</annotation>"),
            "error: Annotations/a.xml is not UTF-8: byte 0xE9 at byte 12");
  EXPECT_EQ(error_of("<?xml version='1.0' encoding='utf-8'?><a>\xC3</a>"),
            "error: Annotations/a.xml is not UTF-8: byte 0xC3 at byte 41");
  EXPECT_EQ(error_of("<?xml version='1.0' encoding='GBK'?><a>\xFF\xFF</a>"),
            "error: Annotations/a.xml is not GBK: byte 0xFF at byte 39");
  EXPECT_EQ(
      error_of("<?xml version='1.0' encoding='klingon'?><a/>"),
      "error: Annotations/a.xml is declared to be in the encoding 'klingon', which is unknown");
  EXPECT_EQ(error_of("<?xml version='1.0' encoding='utf-16'?><a/>"),
            "error: Annotations/a.xml is declared to be in the encoding 'utf-16', and it is not");
}

TEST_F(XmlTest, CountsObjectsWhoseNameIsNoClass) {
  file("list.txt", "a\n");
  file("Annotations/a.xml", object("<xmin>1</xmin><ymin>1</ymin><xmax>7</xmax><ymax>8</ymax>"));
  const Dataset set = of("XMLDataset", "ann_file='list.txt', metainfo=dict(classes=('CAT',))");
  ASSERT_EQ(set.warnings.size(), 1U);
  EXPECT_EQ(without_folder(set.warnings[0]),
            "list.txt: 1 object left out, of names that are no classes; the first is 'cat' in "
            "Annotations/a.xml");
}

TEST_F(XmlTest, NamesWhatIsMissing) {
  EXPECT_EQ(error("XMLDataset", keys), "error: cannot read list.txt: No such file or directory");
  file("list.txt", "b\n");
  EXPECT_EQ(error("XMLDataset", keys),
            "error: cannot read Annotations/b.xml: No such file or directory");
  file("list.txt", "\n");
  EXPECT_EQ(error("XMLDataset", keys), "error: list.txt:1 is empty; each line names an image");
  EXPECT_EQ(error("XMLDataset", "ann_file='list.txt'"),
            "error: XMLDataset needs the names of the classes");
  EXPECT_EQ(error("XMLDataset", "ann_file='list.txt', metainfo=dict(classes='cat')"),
            "error: classes is 'cat', which is neither a file nor a list of names");
  EXPECT_EQ(error("XMLDataset", keys + ", test_mode=True, filter_cfg=dict(bbox_min_size=3)"),
            "error: bbox_min_size is for training: test_mode=True ignores no object");
}

}  // namespace
}  // namespace pinfeed
