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

/// What a data set says of itself.
struct Metainfo {
  std::vector<std::string> classes = {};
  std::vector<std::int64_t> category_ids = {};          // of the annotation file, in label order
  std::optional<image::Normalization> statistics = {};  // offered to the model's preprocessor
  bool normalized = false;                              // samples are normalised already
  Dict others = {};  // everything else the config or the file says
};

/// Records and the pipeline that plans them. A value; its functions are safe from any thread.
struct Dataset {
  std::string name = {};
  std::int64_t size = 0;
  Metainfo metainfo = {};
  bool test_mode = false;
  int max_refetch = 1000;  // replacements tried when a sample is dropped in training
  std::vector<std::string> warnings = {};      // what the user should know; commands print them
  std::string ann_file = {};                   // as opened; empty when there is none
  bool names_samples = false;                  // plan() says itself which sample failed
  std::vector<std::int64_t> source_ends = {};  // of data sets in a row: where each one ends
  Fields gives = {};                           // of what plan() makes
  Bound bound = {};                            // of the images that plan() makes
  bool earlier_samples = false;                // plan() looks at those before in the rank's order
  /// The record alone, before any step.
  std::function<Sample(std::int64_t index, Arena&)> get = {};
  /// The record through the pipeline; empty when a step dropped it.
  std::function<std::optional<Sample>(std::int64_t index, RandomContext&)> plan = {};
  // What hooks may change between epochs; empty where the data set has no such thing.
  /// The data set with other steps.
  std::function<Dataset(std::vector<Transform>)> with_steps = {};
  /// The data set without the steps of these types.
  std::function<Dataset(const std::vector<std::string>&)> without_types = {};
};

/// Plans the sample, and while it is dropped others in its place, as upstream's __getitem__ does:
/// one numpy.randint(0, size) draw for each (docs/specs/openmmlab-data.md, 2.1). In keyed mode each
/// attempt has its own key. A sample that cannot be used is treated as draw.bad_samples() says.
/// Throws Error(data) after max_refetch attempts, or at once when a sample is dropped in test mode.
Sample fetch(const Dataset& dataset, std::int64_t index, RandomContext& random);

/// `dataset.plan` out of `dataset.get` and steps. Checks the steps against `gives`.
void set_pipeline(Dataset& dataset, std::vector<Transform> steps, Fields gives);

/// What a data set that wraps another begins with: the same, but for the hooks.
Dataset wrapping(const Dataset& inner, std::string name);

/// Joins as the data sets do: an absolute or remote path stays, an empty root adds nothing.
std::string join_path(const std::string& root, const std::string& path);

}  // namespace pinfeed
