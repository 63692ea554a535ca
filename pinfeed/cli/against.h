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

/// Batches of another run, which those of this one are compared with as they come.
class Against {
 public:
  /// A file of `batches --dump`, or of `batches --hash`, which names no pixels. Throws Error(data)
  /// when it is missing or broken.
  explicit Against(const std::string& path);

  /// The difference of the next batch in words, or empty.
  std::string next(const Batch& batch);
  /// What the file goes on with after the last batch of this run, in words, or empty.
  std::string rest() const;
  std::int64_t compared() const { return compared_; }

 private:
  std::int64_t size() const;

  std::string path_;
  std::int64_t compared_ = 0;
  std::optional<std::vector<DumpedBatch>> dumps_ = {};
  std::vector<DigestLine> digests_ = {};
};

}  // namespace pinfeed::cli
