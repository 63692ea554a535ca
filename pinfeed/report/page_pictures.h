// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// Writes pictures until their bytes reach a limit.
class PictureWriter {
 public:
  explicit PictureWriter(std::size_t most_bytes) : left_(most_bytes) {}

  /// A grid of the pictures, and a sentence about those that are left out.
  std::string grid(const std::vector<PagePicture>& pictures);

 private:
  std::string figure(const PagePicture& picture);

  std::size_t left_;     // bytes of HTML
  std::size_t ids_ = 0;  // images that were written
};

/// The names of the classes beside the colours of their boxes; empty for more classes than colours.
std::string class_legend(const std::vector<std::string>& classes);
/// What the colours of compared boxes mean.
std::string comparison_legend();

}  // namespace pinfeed
