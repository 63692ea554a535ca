// SPDX-License-Identifier: Apache-2.0
// A folder of images that transforms find difficult, with boxes far beyond them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/ranges.h>
#include "pinfeed/core/random.h"
#include "pinfeed/image/codec/codec.h"
#include "tests/data/planning.h"

#include "tests/pipelines/choices.h"

namespace pinfeed::pipelines {

constexpr int healthy_images = 12;

/// Writes the images and four annotation files: COCO's format and OpenMMLab's own, each without
/// and with two broken images.
class OddImages {
 public:
  OddImages() {
    constexpr std::array sizes = {Size{1, 1},    Size{1, 50},  Size{50, 1},  Size{2, 3},
                                  Size{7, 5},    Size{64, 48}, Size{48, 64}, Size{33, 100},
                                  Size{100, 33}, Size{90, 90}, Size{3, 120}, Size{31, 17}};
    static_assert(sizes.size() == healthy_images);
    for (std::size_t i = 0; i < sizes.size(); ++i) add_image(sizes[i], i % 3 == 2);
    folder_.file("healthy_coco.json", coco());
    folder_.file("healthy_records.json", records());
    add_broken_images();
    folder_.file("broken_coco.json", coco());
    folder_.file("broken_records.json", records());
  }

  std::string path() const { return folder_.path(); }

 private:
  struct ImageRecord {
    std::string name;
    Size size;
    std::vector<std::string> coco = {};     // annotations
    std::vector<std::string> records = {};  // instances
  };

  void add_image(Size size, bool png) {
    image::Image pixels = image::make_image(size);
    for (std::size_t i = 0; i < pixels.pixels.bytes(); ++i) {
      pixels.pixels.data()[i] = static_cast<std::byte>(any_.whole(0, 255));
    }
    ImageRecord image{fmt::format("{}.{}", images_.size(), png ? "png" : "jpg"), size};
    const std::string path = folder_.path() + "/" + image.name;
    png ? image::write_png(pixels, path) : image::write_jpeg(pixels, path);
    for (int i = any_.whole(0, 4); i > 0; --i) add_object(image);
    images_.push_back(image);
  }

  // From -2 to 5 times the image's size; some boxes are empty.
  void add_object(ImageRecord& image) {
    const auto position = [this](int side) { return any_.real(-2.0, 5.0) * side; };
    const double x =
        any_.chance(0.5) ? any_.real(0, image.size.width / 2.0) : position(image.size.width);
    const double y =
        any_.chance(0.5) ? any_.real(0, image.size.height / 2.0) : position(image.size.height);
    const bool empty = any_.chance(0.15);
    const double width = empty ? 0.0 : any_.real(0.0, 5.0) * image.size.width;
    const double height = empty ? 0.0 : any_.real(0.0, 5.0) * image.size.height;
    const std::string polygon =
        fmt::format("[[{},{},{},{},{},{}]]", x, y, x + width, y, x + width / 2, y + height);
    const int label = any_.whole(0, 1);
    image.coco.push_back(fmt::format(
        R"("category_id":{},"bbox":[{},{},{},{}],"area":{},"iscrowd":{},"segmentation":{})", label,
        x, y, width, height, width * height, any_.chance(0.1) ? 1 : 0, polygon));
    image.records.push_back(
        fmt::format(R"({{"bbox":[{},{},{},{}],"bbox_label":{},"ignore_flag":{},"mask":{}}})", x, y,
                    x + width, y + height, label, any_.chance(0.1) ? 1 : 0, polygon));
  }

  // One ends early, which the decoder finds; one is no image, which planning finds.
  void add_broken_images() {
    add_image({40, 30}, false);
    const std::string cut = folder_.path() + "/" + images_.back().name;
    std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
    add_image({40, 30}, false);
    folder_.file(images_.back().name, "no image");
  }

  std::string coco() const {
    std::string images;
    std::string annotations;
    int id = 0;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      images +=
          fmt::format(R"({}{{"id":{},"file_name":"{}","width":{},"height":{}}})", i == 0 ? "" : ",",
                      i, images_[i].name, images_[i].size.width, images_[i].size.height);
      for (const std::string& one : images_[i].coco) {
        annotations +=
            fmt::format(R"({}{{"id":{},"image_id":{},{}}})", id == 0 ? "" : ",", id, i, one);
        ++id;
      }
    }
    return fmt::format(R"({{"images":[{}],"annotations":[{}],"categories":[)"
                       R"({{"id":0,"name":"a"}},{{"id":1,"name":"b"}}]}})",
                       images, annotations);
  }

  std::string records() const {
    std::string list;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      list += fmt::format(
          R"({}{{"img_path":"{}","img_id":{},"width":{},"height":{},"instances":[{}]}})",
          i == 0 ? "" : ",", images_[i].name, i, images_[i].size.width, images_[i].size.height,
          fmt::join(images_[i].records, ","));
    }
    return fmt::format(R"({{"metainfo":{{"classes":["a","b"]}},"data_list":[{}]}})", list);
  }

  Folder folder_;
  Choices any_{1};
  std::vector<ImageRecord> images_;
};

}  // namespace pinfeed::pipelines
