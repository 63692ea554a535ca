// SPDX-License-Identifier: Apache-2.0
// What happens to a batch when one of its samples cannot be used (docs/house.md, 6).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  std::int64_t index = 0;  // of the record
};

/// The rule, and what fell under it while one batch was planned and rendered.
struct BadSamples {
  OnBadSample rule = OnBadSample::raise;
  std::vector<BadSample> found = {};
  bool gave_up = false;  // every replacement was bad as well

  /// Takes note of the error. False where it must go on: the rule is to raise, or it does not
  /// come from the data.
  bool takes(const Error& error, std::int64_t index);
};

/// Counts bad samples, writes them down, and ends the loop when there are too many. Samples come in
/// the order of the batches, so it says the same on every run.
class BadSampleLedger {
 public:
  /// `path` is opened for appending with the first line; empty: nothing is written. `most` is the
  /// part of all samples tried that may be bad; until 100 were tried it counts as if they had been.
  BadSampleLedger(std::string path, double most);

  /// The bad samples of a batch that has `samples`. Throws Error(data) when there are too many,
  /// Error(system) when the ledger cannot be written.
  void add(const std::vector<BadSample>& bad, std::int64_t samples, std::int64_t epoch,
           std::int64_t batch);

 private:
  void write(const BadSample& bad, std::int64_t epoch, std::int64_t batch);

  std::string path_;
  double most_;
  std::int64_t seen_ = 0;  // bad ones too
  std::int64_t bad_ = 0;
};

}  // namespace pinfeed
