// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "pinfeed/image/codec/codec.h"

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

 private:
  std::unique_ptr<State> state_;
};

}  // namespace pinfeed::image::jpeg
