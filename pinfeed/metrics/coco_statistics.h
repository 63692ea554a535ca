// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "pinfeed/metrics/coco_cells.h"

namespace pinfeed {

/// Categories, or some of them.
using CellsOfCategories = std::span<const CategoryCells* const>;

/// The twelve statistics of COCOeval over the cells of all categories, with the bits of numpy's
/// means. `maxima` are ascending.
std::array<double, 12> statistics_of(CellsOfCategories cells,
                                     const std::array<int, max_count>& maxima);

/// The mean precision of all categories in an area range, at thresholds first .. end - 1 and the
/// last maximum; -1 where there is nothing to measure.
double mean_precision(CellsOfCategories cells, std::size_t area, std::size_t first,
                      std::size_t end);
/// The mean recall over all thresholds, at the last maximum.
double mean_recall(CellsOfCategories cells, std::size_t area);

/// The AP of one category over all thresholds and areas, at the last maximum; -1 without ground
/// truth.
double category_precision(const CategoryCells& cells);

}  // namespace pinfeed
