// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/cli/digest_stream.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/inspect/dump_difference.h"

namespace pinfeed::cli {

/// Compares the batches of this run with a file of another run, one after the other.
class BatchComparison {
 public:
  /// `path` is a file of `batches --dump` or of `batches --hash`; the latter shows only which batch
  /// differs. Throws Error(data) when it is missing or broken.
  explicit BatchComparison(const std::string& path);

  /// A description of the difference between the next batch and that of the file; empty if they are
  /// equal.
  std::string compare(const Batch& batch);
  /// A description of the batches that the file has after the last batch of this run; empty if it
  /// has none.
  std::string remaining() const;
  std::int64_t compared() const { return compared_; }

 private:
  std::int64_t size() const;

  std::string path_;
  std::int64_t compared_ = 0;
  std::optional<std::vector<DumpedBatch>> dumps_ = {};
  std::vector<DigestLine> digests_ = {};
};

}  // namespace pinfeed::cli
