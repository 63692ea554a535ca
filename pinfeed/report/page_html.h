// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// The page as one HTML file, with its style, its script, its pictures and its numbers inside: it
/// refers to nothing else. Pictures that would make them more than 4.5 MB together are left out,
/// and the page says so.
std::string html_of(const ReportPage& page);

/// Writes it to a file. Throws Error(system).
void write_page(const ReportPage& page, const std::string& path);

}  // namespace pinfeed
