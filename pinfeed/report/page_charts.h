// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// All charts of the page. Their positions in this list are those in the JSON, by which the HTML
/// refers to them.
inline std::vector<const PageChart*> charts_of(const ReportPage& page) {
  std::vector<const PageChart*> charts;
  const auto add = [&](const std::vector<PageChart>& more) {
    for (const PageChart& chart : more) charts.push_back(&chart);
  };
  add(page.curves);
  if (page.evaluation) add(page.evaluation->precision);
  if (page.loader) add(page.loader->times);
  return charts;
}

}  // namespace pinfeed
