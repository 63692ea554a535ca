// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/data/field.h"
#include "pinfeed/data/random_context.h"
#include "pinfeed/data/sample.h"
#include "pinfeed/data/transform.h"

namespace pinfeed {

/// Metadata of a data set.
struct Metainfo {
  std::vector<std::string> classes = {};
  bool classes_are_text = false;  // the config writes a str, which selects every name within it
  std::vector<std::int64_t> category_ids = {};   // ids in the annotation file, in label order
  std::vector<std::string> category_names = {};  // their names; empty: those are the classes
  std::optional<image::Normalization> statistics = {};  // for the model's preprocessor
  bool normalized = false;                              // samples are normalised already
  Dict others = {};                                     // other keys of metainfo
};

/// The names of the labels, in label order.
const std::vector<std::string>& label_names(const Metainfo& metainfo);

/// The labels of the objects that are not ignored; largest < 0: there is none, or none is known.
struct LabelRange {
  std::int64_t smallest = 0;
  std::int64_t largest = -1;
};

/// Records and the pipeline that plans them. A value; its functions are safe from any thread.
struct Dataset {
  std::string name = {};
  std::int64_t size = 0;
  std::int64_t distinct_records = 0;  // where samples repeat records; 0: each sample is another one
  Metainfo metainfo = {};
  LabelRange labels = {};
  bool test_mode = false;
  int max_refetch = 1000;  // replacements tried when a sample is dropped in training
  std::vector<std::string> warnings = {};      // printed by the commands
  std::string ann_file = {};                   // path as opened; empty if there is none
  bool names_samples = false;                  // errors of plan() contain the index of the sample
  std::vector<std::int64_t> source_ends = {};  // of concatenated data sets: the end of each
  Fields gives = {};                           // the fields of samples that plan() returns
  Bound bound = {};                            // of the images of samples that plan() returns
  bool earlier_samples = false;                // plan() reads earlier samples of the rank's order
  /// The record as a sample, before any step.
  std::function<Sample(std::int64_t index, Arena&)> get = {};
  /// The record after the pipeline; empty if a step dropped it.
  std::function<std::optional<Sample>(std::int64_t index, RandomContext&)> plan = {};
  // Variants that hooks may switch to between epochs; empty if the data set has none.
  /// The data set with other steps in its pipeline.
  std::function<Dataset(std::vector<Transform>)> with_steps = {};
  /// The data set without the steps of these types.
  std::function<Dataset(const std::vector<std::string>&)> without_types = {};
};

/// Plans the sample. If a step drops it, plans a random other sample instead, as upstream's
/// __getitem__ does with one numpy.randint(0, size) per attempt
/// (docs/specs/openmmlab-data.md, 2.1). In keyed mode each attempt has its own key. A sample that
/// cannot be used is handled by the rule of random.bad_samples(). Throws Error(data) after
/// max_refetch replacements, or when a sample is dropped in test mode.
Sample fetch(const Dataset& dataset, std::int64_t index, RandomContext& random);

/// Sets `dataset.plan` from `dataset.get` and the steps. `gives` are the fields of the record;
/// throws Error(config) if a step needs another field.
void set_pipeline(Dataset& dataset, std::vector<Transform> steps, Fields gives);

/// A copy of `inner` with another name and without the variants for hooks: the start of a wrapper.
Dataset wrapping(const Dataset& inner, std::string name);

/// The number of different records behind the samples: for RepeatDataset, of its inner data set.
std::int64_t record_count(const Dataset& dataset);

/// Joins a root and a path. An absolute or remote path is returned as it is, as with an empty root.
std::string join_path(const std::string& root, const std::string& path);

}  // namespace pinfeed
