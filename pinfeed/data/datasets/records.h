// SPDX-License-Identifier: Apache-2.0
// What the data sets of records share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// What every data set of records takes.
struct RecordKeys {
  std::string ann_file = {};
  std::string data_root = {};
  std::optional<Value> metainfo = {};  // dict(classes=...): names, or a file with one on each line
  std::optional<std::variant<std::int64_t, std::vector<std::int64_t>>> indices = {};
  ConfigSteps pipeline = {};
  bool test_mode = false;
  int max_refetch = 1000;
  LocalFiles backend_args = {};
};

/// The keys of RecordKeys, for a data set that has them among its own.
template <class T>
void describe_records(Schema<T>& schema, std::string ann_file, std::string metainfo) {
  schema.optional("ann_file", own<T>(&RecordKeys::ann_file), std::move(ann_file))
      .optional("data_root", own<T>(&RecordKeys::data_root),
                "folder that relative paths start from")
      .optional("metainfo", own<T>(&RecordKeys::metainfo), std::move(metainfo))
      .optional("indices", own<T>(&RecordKeys::indices),
                "the first n images, the last n (negative), or exactly those of a list")
      .optional("pipeline", own<T>(&RecordKeys::pipeline), "the steps that plan a sample")
      .optional("test_mode", own<T>(&RecordKeys::test_mode),
                "filter nothing, and never replace a sample")
      .optional("max_refetch", own<T>(&RecordKeys::max_refetch),
                "replacements tried for a dropped sample", at_least(0))
      .accepted("serialize_data", "records are always kept in shared constant columns")
      .accepted("lazy_init", "the records are read when the data set is made");
}

/// The keys that mmdet's data sets have besides.
template <class T>
void describe_detection(Schema<T>& schema) {
  schema.optional("backend_args", own<T>(&RecordKeys::backend_args), "where files are stored")
      .accepted("seg_map_suffix", "semantic maps are not read")
      .refused("proposal_file", "proposals are not read")
      .refused("return_classes", "texts of classes are not given to models")
      .refused("caption_prompt", "texts of classes are not given to models")
      .refused("file_client_args", "files are read from the local file system only");
}

/// The lines of a text file, without their ends. Throws Error(data) when it cannot be read.
std::vector<std::string> lines_of_file(const std::string& path);

/// metainfo.classes: names, or the lines of a file. Empty when none is written. Throws
/// Error(config) for anything else.
std::optional<std::vector<std::string>> written_classes(const RecordKeys& params);

/// What metainfo says besides the classes.
Dict others_of(const RecordKeys& params);

/// A data set of these records, without a pipeline: `indices` are applied.
Dataset dataset_of(const RecordKeys& params, const std::string& name, AnnotationStore store);

/// Gives the data set the pipeline of its config.
Dataset with_pipeline(Dataset dataset, const RecordKeys& params, Fields gives,
                      const BuildContext& context);

}  // namespace pinfeed
