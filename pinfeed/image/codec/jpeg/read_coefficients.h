// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/codec/jpeg/coefficient_record.h"

namespace pinfeed::image::jpeg {

/// Reads the quantised coefficients of JPEGs. One object reads many files, one after the other, and
/// keeps its memory. One thread at a time.
class CoefficientReader {
 public:
  struct State;  // libjpeg's

  CoefficientReader();
  CoefficientReader(CoefficientReader&&) noexcept;
  CoefficientReader& operator=(CoefficientReader&&) noexcept;
  ~CoefficientReader();

  /// The file as a record, from whose pixels nothing differs. Empty for a file that is not of the
  /// usual kind, whose pixels only libjpeg gives: damaged or truncated, arithmetic coding, 12 bits,
  /// other than 1 or 3 components, incomplete progressive files, factors that libjpeg refuses.
  /// Throws Error(system) if there is no memory. Valid until the next call.
  std::span<const std::byte> read(std::span<const std::byte> file, const Header& header);

  /// Begins a file whose blocks are then read as they are needed, and with `with_record` also
  /// written. False for a file that is not one baseline scan of the usual kind. Throws
  /// Error(system) if there is no memory. The file must live until the last blocks are read.
  bool begin(std::span<const std::byte> file, const Header& header, bool with_record);
  const RecordInfo& info() const;
  /// As BaselineRows::blocks().
  const std::int16_t* blocks(int plane, int row);
  /// As BaselineRows::finish(). If it is true, the writer's record can be finished.
  bool finish();
  RecordWriter& writer();

 private:
  std::unique_ptr<State> state_;
};

}  // namespace pinfeed::image::jpeg
