// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// A list of names and values.
std::string facts_html(const std::vector<PageFact>& facts);

/// The metrics as a list.
std::string metrics_html(const PageEvaluation& evaluation);

/// A row for each class, with a bar for each AP. A click on a title sorts the rows.
std::string classes_html(const std::vector<PageClass>& classes);

/// The counts; the colour of a cell is its part of the row.
std::string confusion_html(const PageConfusion& matrix);

/// The busy and waiting time of each stage.
std::string stages_html(const LoaderUse& use);

}  // namespace pinfeed
