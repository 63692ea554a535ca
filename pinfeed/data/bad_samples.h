// SPDX-License-Identifier: Apache-2.0
// What happens to a batch when one of its samples cannot be used (docs/house.md, 6).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/bad_records.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

/// raise: the error is the loader's. skip: the next record of the data set that can be used takes
/// the place. refetch: another one takes it, drawn as one for a dropped sample is.
enum class OnBadSample { raise, skip, refetch };

/// A sample that could not be used, and why: a line of the ledger.
struct BadSample {
  std::string file = {};
  std::optional<std::int64_t> byte_offset = {};  // where the file ends to be usable, if known
  std::string step = {};                         // of the pipeline
  std::string reason = {};
  std::int64_t index = 0;                       // of the record
  std::optional<std::int64_t> annotation = {};  // the id of the one that is to blame, if one is
  std::string annotation_file = {};             // ... and where it stands
};

/// What a user can do about a sample that ended the loop.
constexpr const char* bad_sample_advice =
    "check the file, or set pinfeed = dict(on_bad_sample='skip')";

/// An annotation whose segmentation makes no sense, in whole or in part.
struct OddMask {
  std::string_view file = {};  // of the annotations; lives as long as the data set
  std::int64_t annotation = 0;
};

/// The rule, and what fell under it while one batch was planned and rendered.
struct BadSamples {
  OnBadSample rule = OnBadSample::raise;
  std::vector<BadSample> found = {};
  std::vector<OddMask> odd_masks = {};  // of samples that are used all the same
  bool gave_up = false;                 // every replacement was bad as well

  /// Takes note of the error. False where it must go on: the rule is to raise, and then the error
  /// says what can be done, or it does not come from the data.
  bool takes(Error& error, std::int64_t index);
};

/// Counts bad samples, writes them down, and ends the loop when there are too many. Samples come in
/// the order of the batches, so it says the same on every run.
class BadSampleLedger {
 public:
  /// `path` is opened for appending with the first line; empty: nothing is written. `most` is the
  /// part of the data set's `size` samples that may be bad. Of a large one, the first 1000 samples
  /// are enough to tell; of a small one, less than 100 are too few.
  BadSampleLedger(std::string path, double most, std::int64_t size);

  /// The bad samples of a batch that has `samples`. Throws Error(data) when there are too many,
  /// Error(system) when the ledger cannot be written.
  void add(const std::vector<BadSample>& bad, std::int64_t samples, std::int64_t epoch,
           std::int64_t batch);

 private:
  void write(const BadSample& bad, std::int64_t epoch, std::int64_t batch);

  std::string path_;
  double most_;
  std::int64_t size_;
  std::int64_t seen_ = 0;           // samples, bad ones too
  std::set<std::string> bad_ = {};  // files: one that is tried again and again counts once
};

}  // namespace pinfeed
