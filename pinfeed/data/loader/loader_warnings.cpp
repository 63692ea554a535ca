// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader_warnings.h"

#include <utility>

#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

constexpr const char* damaged_text =
    " is damaged: a part of its data is invalid, and pixels after it may be wrong";
constexpr const char* truncated_text =
    " ends early: its missing pixels are filled in (allow_truncated=True)";
constexpr const char* invalid_mask_text =
    " has a segmentation that is invalid in whole or in part: a polygon needs three corners, run "
    "lengths need 'counts' and 'size'. The valid part is used; an object without one is ignored, "
    "as in OpenMMLab";

}  // namespace

void LoaderWarnings::report(const std::string& warning) {
  if (report_ && !warning.empty()) report_(warning);
}

void LoaderWarnings::report_batch(const BatchPlan& plan) {
  if (!report_) return;
  report_masks(plan);
  for (const image::Encoded* file : plan.encoded) {
    if (file->damaged) report_file(file->path, damaged_text);
    if (file->truncated) report_file(file->path, truncated_text);
  }
}

void LoaderWarnings::report_file(std::string_view file, const char* problem) {
  if (reported_files_.contains(file)) return;
  reported_files_.emplace(file);
  report_(std::string(file) + problem);
}

void LoaderWarnings::report_masks(const BatchPlan& plan) {
  for (const OddMask& mask : plan.bad.odd_masks) {
    InvalidMasks& known = invalid_masks_[std::string(mask.file)];
    if (known.ids.empty()) {
      known.first = mask.annotation;
      report_(std::string(mask.file) + ": annotation " + id_text(mask.annotation) +
              invalid_mask_text);
    }
    known.ids.insert(mask.annotation);
  }
}

void LoaderWarnings::report_end_of_epoch() {
  if (!report_ || std::exchange(masks_counted_, true)) return;
  for (const auto& [file, masks] : invalid_masks_) {
    report_(
        file + ": " + std::to_string(masks.ids.size()) +
        " annotations of the epoch have a segmentation that is invalid in whole or in part; the "
        "first is " +
        id_text(masks.first));
  }
}

void LoaderWarnings::report_replaced_samples(const BatchPlan& plan) {
  if (!report_) return;
  for (const BadSample& bad : plan.bad.found) {
    if (!reported_files_.insert(bad.file).second) continue;
    std::string location;
    if (bad.annotation) {
      location = " (annotation " + id_text(*bad.annotation) + " of " + bad.annotation_file + ")";
    }
    report_("sample " + std::to_string(bad.index) + " was replaced: " + bad.file + ": " +
            bad.reason + location);
  }
}

}  // namespace pinfeed
