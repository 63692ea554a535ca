// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// The numbers of the page as one JSON object, in a form that may stand inside a script element of
/// HTML: '<' is escaped. A curve has at most 2,000 points: of a longer one, the first, lowest,
/// highest and last in each of 499 intervals of the x axis. Curves have 7 significant digits, other
/// numbers 17; null stands for a number that is not finite.
std::string page_json(const ReportPage& page);

}  // namespace pinfeed
