// SPDX-License-Identifier: Apache-2.0
// What the data sets that read records from a file have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// The keys of every data set of records. A data set may give 'ann_file' and 'metainfo' a meaning
/// of its own with Schema::meaning().
struct RecordKeys {
  std::string ann_file = {};
  std::string data_root = {};
  std::optional<Value> metainfo = {};  // dict(classes=...): names, or a file with one on each line
  std::optional<std::variant<std::int64_t, std::vector<std::int64_t>>> indices = {};
  ConfigSteps pipeline = {};
  bool test_mode = false;
  int max_refetch = 1000;
};
void describe(Schema<RecordKeys>& schema);

/// The keys that all data sets of mmdet have in addition.
struct DetectionKeys {
  LocalFiles backend_args = {};
};
void describe(Schema<DetectionKeys>& schema);

/// The lines of a text file without their line ends. Throws Error(data) when it cannot be read.
std::vector<std::string> lines_of_file(const std::string& path);

/// Throws Error(data) unless the line names an image: "list.txt:3 is empty; each line names an
/// image". `position` is the file and the line.
void require_file_name(const std::string& line, const std::string& position);

/// The names in metainfo.classes, or the lines of the file that it names. Empty when the key is
/// absent. Throws Error(config) for any other value.
std::optional<std::vector<std::string>> written_classes(const RecordKeys& params);

/// The entries of metainfo other than 'classes'.
Dict other_metainfo(const RecordKeys& params);

/// The data set of the records that 'indices' selects, without a pipeline.
Dataset dataset_of(const RecordKeys& params, const std::string& name, AnnotationStore store);

/// The data set with the pipeline of its config. `gives` are the fields of its records.
Dataset with_pipeline(Dataset dataset, const RecordKeys& params, Fields gives,
                      const BuildContext& context);

}  // namespace pinfeed
