// SPDX-License-Identifier: Apache-2.0
// A data set of twelve images of which some are made unusable.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/inspect/digest.h"
#include "tests/data/planning.h"

namespace pinfeed {

using Ids = std::vector<std::int64_t>;

constexpr int image_count = 12;

class BadSamplesTest : public testing::Test {
 protected:
  BadSamplesTest() {
    std::string images;
    std::string boxes;
    for (int i = 0; i < image_count; ++i) {
      const std::string id = std::to_string(i);
      image::Image image = image::make_image({48, 32});
      Mt19937 words(static_cast<std::uint64_t>(i));
      for (std::size_t k = 0; k < image.pixels.bytes(); ++k) {
        image.pixels.data()[k] = static_cast<std::byte>(words.next());
      }
      image::write_jpeg(image, path(i));
      images += (i == 0 ? "" : ",") + (R"({"id": )" + id) + R"(, "file_name": ")" + id +
                R"(.jpg", "width": 48, "height": 32})";
      boxes += (i == 0 ? "" : ",") + (R"({"id": )" + id) + R"(, "image_id": )" + id +
               R"(, "category_id": 1, "bbox": [2, 2, 30, 20], "area": 600})";
    }
    folder.file("a.json", R"({"categories": [{"id": 1, "name": "cat"}], "images": [)" + images +
                              R"(], "annotations": [)" + boxes + "]}");
  }

  std::string path(int i) const { return folder.path() + "/" + std::to_string(i) + ".jpg"; }
  // Truncates the file: found when it is rendered.
  void truncate(int i) const {
    std::filesystem::resize_file(path(i), std::filesystem::file_size(path(i)) / 2);
  }
  // Not an image: found when it is planned.
  void mark_bad(int i) const { folder.file(std::to_string(i) + ".jpg", "no image"); }

  Loader loader(const std::string& own, int threads = 2, const std::string& keys = "") const {
    const std::string steps =
        "[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations'), dict(type='RandomFlip', "
        "prob=0.5), dict(type='PackDetInputs')]";
    const std::string records = "dict(type='CocoDataset', data_root='" + folder.path() +
                                "', ann_file='a.json', data_prefix=dict(img=''), "
                                "metainfo=dict(classes=('cat',)), pipeline=" +
                                steps + ")";
    return loader_of(records, own, threads, keys);
  }
  Loader loader_of(const std::string& records, const std::string& own, int threads,
                   const std::string& keys) const {
    const Value config =
        read_config_text(
            "pinfeed = dict(" + own + ")\ntrain_dataloader = dict(batch_size=4, " + keys +
            "sampler=dict(type='DefaultSampler', shuffle=False), dataset=" + records + ")\n")
            .root;
    LoaderOptions options = loader_options(config);
    options.threads = threads;
    return make_loader(config, "train_dataloader", catalogs(), options);
  }
  std::string without_folder(const std::string& text) const { return folder.short_paths(text); }

  Folder folder;
};

inline Ids ids_of(const Batch& batch) {
  Ids ids;
  for (const Sample& sample : batch.samples()) ids.push_back(sample.img_id);
  return ids;
}

// The ids of an epoch, batch after batch, and the digests of the batches.
inline std::pair<Ids, std::vector<std::string>> epoch_of(Loader loader) {
  Ids ids;
  std::vector<std::string> digests;
  while (const auto batch = loader.next()) {
    for (const std::int64_t id : ids_of(*batch)) ids.push_back(id);
    digests.push_back(digest(*batch));
  }
  return {ids, digests};
}

}  // namespace pinfeed
