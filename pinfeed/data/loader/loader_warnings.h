// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "pinfeed/data/loader/batch_plan.h"

namespace pinfeed {

/// Reports what is wrong with single files to the user, each file once: damaged or truncated
/// images, invalid segmentations, samples that were replaced. One thread at a time.
class LoaderWarnings {
 public:
  using Report = std::function<void(const std::string&)>;

  /// Until it is called, nothing is reported or counted.
  void report_to(Report report) { report_ = std::move(report); }
  bool enabled() const { return static_cast<bool>(report_); }
  /// Reports one warning, if it is not empty.
  void report(const std::string& warning);

  /// Reports the images and segmentations of a batch.
  void report_batch(const BatchPlan& plan);
  /// Reports the samples of a batch that were replaced.
  void report_replaced_samples(const BatchPlan& plan);
  /// Reports once, at the end of the first epoch, how many invalid segmentations each file has.
  void report_end_of_epoch();

 private:
  struct InvalidMasks {
    std::int64_t first = 0;  // the id of the annotation that was seen first
    std::set<std::int64_t> ids = {};
  };

  void report_file(std::string_view file, const char* problem);
  void report_masks(const BatchPlan& plan);

  Report report_ = {};
  std::set<std::string, std::less<>> reported_files_ = {};
  std::map<std::string, InvalidMasks> invalid_masks_ = {};  // by annotation file
  bool masks_counted_ = false;
};

}  // namespace pinfeed
