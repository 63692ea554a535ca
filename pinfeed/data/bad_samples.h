// SPDX-License-Identifier: Apache-2.0
// What happens to a batch when one of its samples cannot be used (docs/architecture.md, Errors).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pinfeed/annotations/bad_records.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed {

/// raise: the loader throws the error. skip: the sample is replaced by the next usable record of
/// the data set. refetch: it is replaced by a random record, as a dropped sample is.
enum class OnBadSample { raise, skip, refetch };

/// A sample that could not be used, and the reason: a line of the ledger.
struct BadSample {
  std::string file = {};
  std::optional<std::int64_t> byte_offset = {};  // where the usable part of the file ends, if known
  std::string step = {};                         // of the pipeline
  std::string reason = {};
  std::int64_t index = 0;  // of the record
  std::optional<std::int64_t> annotation =
      {};                            // id of the annotation with the defect, if one has it
  std::string annotation_file = {};  // the file that contains it
  std::size_t place = 0;             // in the batch, of the sample that it should have become
};

/// Advice for a user whose run was ended by a bad sample.
constexpr const char* bad_sample_advice =
    "check the file, or set pinfeed = dict(on_bad_sample='skip')";

/// An annotation whose segmentation is invalid, in whole or in part.
struct OddMask {
  std::string_view file = {};  // annotation file; valid as long as the data set
  std::int64_t annotation = 0;
};

/// The rule for bad samples, and the bad samples found while one batch was planned and rendered.
struct BadSamples {
  OnBadSample rule = OnBadSample::raise;
  std::vector<BadSample> found = {};
  std::vector<OddMask> odd_masks = {};  // of samples that are used nevertheless
  bool gave_up = false;                 // every replacement was bad too
  std::size_t place = 0;                // in the batch, of the sample that is planned
  /// Image files that could not be read or decoded when the batch was rendered. Planning treats
  /// their records as bad, also where a mixing step would use them.
  std::map<std::string, Error, std::less<>> broken_files = {};

  /// Returns false if the caller must throw the error: the rule is to raise (then advice is added
  /// to the error), or the error is not of kind data.
  bool accepts(Error& error) const;
  /// accepts(), and records the error of the record.
  bool takes(Error& error, std::int64_t index);
  /// The error of a broken file, or null.
  const Error* error_of(std::string_view path) const;
};

/// Counts bad samples, writes them to the ledger file, and throws when there are too many. Batches
/// are added in order, so the result is the same for every run.
class BadSampleLedger {
 public:
  /// `path` is opened for appending; empty: nothing is written. `max_fraction` is the allowed
  /// fraction of bad samples. `records` is the number of different records of the data set. The
  /// fraction is computed over the records seen so far, each once, but over no fewer than
  /// min(1000, max(100, records)). Throws Error(system) when the file cannot be opened.
  BadSampleLedger(const std::string& path, double max_fraction, std::int64_t records);

  /// Adds the bad samples of a batch; `used` names the records of its samples: the image file, or
  /// the index without one. Throws Error(data) when there are too many, Error(system) when the
  /// ledger cannot be written.
  void add(const std::vector<BadSample>& bad, std::span<const std::string> used, std::int64_t epoch,
           std::int64_t batch);

 private:
  void write(const BadSample& bad, std::int64_t epoch, std::int64_t batch);

  std::string path_;
  std::optional<AppendedFile> file_ = {};
  double max_fraction_;
  std::int64_t records_;
  std::unordered_set<std::uint64_t> seen_ = {};  // hashes of the names, of bad records too
  std::set<std::string> bad_ = {};               // names
};

}  // namespace pinfeed
