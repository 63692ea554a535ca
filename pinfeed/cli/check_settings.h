// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/cli/check.h"

namespace pinfeed::cli {

/// Builds the steps of each pipeline of the data sets, which needs no data: a step that reads what
/// no step before it writes becomes a finding.
void check_pipelines(const Value& root, const Catalogs& catalogs, std::vector<Finding>& findings);

/// Reads what needs no data, with the readers that the commands use. An error becomes the verdict
/// of the key that it names, a note the verdict "ignored: " and the reason.
void check_settings(const Value& root, const Catalogs& catalogs, std::vector<Finding>& findings);

/// The sections that `pinfeed train` needs and the config does not have.
std::vector<std::string> missing_for_training(const Value& root);

}  // namespace pinfeed::cli
