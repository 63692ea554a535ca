// SPDX-License-Identifier: Apache-2.0
// A fixture for data sets with a COCO file that the test writes.
#pragma once

#include <gtest/gtest.h>

#include "planning.h"

namespace pinfeed {

class CocoDatasetTest : public testing::Test {
 protected:
  // Two images and three categories, neither sorted by id.
  static std::string coco(const std::string& annotations) {
    return R"({"info": {"a [ tricky { text": "\"]"}, "images": [
    {"id": 7, "file_name": "b.jpg", "width": 100, "height": 80},
    {"id": 3, "file_name": "sub/a.jpg", "width": 50, "height": 20}],
  "categories": [{"id": 9, "name": "zebra"}, {"id": 1, "name": "car"}, {"id": 4, "name": "bus"}],
  "annotations": [)" +
           annotations + "]}";
  }

  static std::string annotation(int id, int image, int category, const std::string& box,
                                const std::string& more = "") {
    return R"({"id": )" + std::to_string(id) + R"(, "image_id": )" + std::to_string(image) +
           R"(, "category_id": )" + std::to_string(category) + R"(, "bbox": )" + box +
           R"(, "area": 100)" + more + "}";
  }

  // The data set of these annotations; `keys` are added to its config.
  Dataset of(const std::string& annotations, const std::string& keys = "") {
    return of_text(coco(annotations), keys);
  }
  Dataset of_text(const std::string& text, const std::string& keys = "",
                  const std::string& classes = "('zebra', 'car', 'bus')") {
    folder.file("ann.json", text);
    return dataset("dict(type='CocoDataset', data_root='" + folder.path() +
                   "', ann_file='ann.json', data_prefix=dict(img='img'), metainfo=dict(classes=" +
                   classes + ")" + (keys.empty() ? "" : ", " + keys) + ")");
  }
  Sample get(const Dataset& set, std::int64_t index) { return set.get(index, arena); }
  std::string error(const std::string& text) {
    const std::string message = failure([&] { of_text(text); });
    return folder.short_paths(message.substr(0, message.find("\n  -->")));
  }
  std::vector<std::string> warnings(const Dataset& set) {
    std::vector<std::string> texts;
    for (const std::string& text : set.warnings) texts.push_back(folder.short_paths(text));
    return texts;
  }

  Folder folder;
  Arena arena;
};

}  // namespace pinfeed
