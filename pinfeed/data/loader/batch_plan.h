// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/data/bad_samples.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/data/loader/loader_state.h"
#include "pinfeed/data/sample.h"
#include "pinfeed/data/step_records.h"

namespace pinfeed {

/// A batch that is planned and laid out, and not rendered yet; or the end of an epoch; or an error.
/// Everything in it lies in its arena. It is reused: clear() keeps the memory.
struct BatchPlan {
  LoaderState position = {};
  bool end_of_epoch = false;  // the end of the epoch instead of a batch
  std::exception_ptr error = {};

  Arena arena = Arena(std::size_t{256} * 1024);
  std::optional<std::pmr::vector<Sample>> samples = {};
  std::optional<Layout> layout = {};
  std::vector<image::Encoded*> encoded = {};  // the files to read, each once
  BadSamples bad = {};
  std::vector<std::uint32_t> replacements = {};  // of each sample, after it was planned
  std::vector<std::size_t> known_broken = {};  // of each sample: bad.broken_files as it was planned
  std::vector<StepRecords> steps = {};         // of each sample, with PlanRules::keep_steps

  void clear();
  /// Fills `encoded` with the files that the images of the layout need.
  void collect_encoded();
  /// The first image of the layout that uses the file; 0 if none does.
  std::size_t first_image_of(const image::Encoded* file) const;
  /// Stores the current exception, thrown by `where` ("planning"), as the error, with the batch as
  /// its context. To be called inside a catch block only.
  void keep_error(const std::string& where);
  /// Adds the file of a data error to bad.broken_files. Returns false if planning the sample again
  /// would change nothing: it was planned with all these files known.
  bool add_broken_file(const Error& failure, std::size_t sample);
  /// The records of the samples by file or index; empty where bad samples raise.
  std::vector<std::string> record_names() const;
  /// The error with its sample and batch as context.
  std::exception_ptr with_context(std::exception_ptr of_image, std::size_t image) const;
};

}  // namespace pinfeed
