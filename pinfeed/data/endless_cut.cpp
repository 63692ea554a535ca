// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/endless_cut.h"

#include <algorithm>

namespace pinfeed {
namespace {

// Far more than batches under way and cached steps look back; twice as many are held at most.
constexpr std::int64_t kept_places = std::int64_t{1} << 15;

}  // namespace

EndlessCut::EndlessCut(Order order, std::function<BatchCutter()> begin)
    : order_(std::move(order)), begin_(std::move(begin)) {
  kept_.indices.reserve(2 * kept_places);
  kept_.ends.reserve(2 * kept_places);
  restart();
}

void EndlessCut::restart() {
  cutter_ = begin_();
  taken_ = first_batch_ = first_place_ = 0;
  kept_.indices.clear();
  kept_.ends.clear();
}

void EndlessCut::take_one() {
  cutter_(order_.at(taken_++), kept_);
  if (std::ssize(kept_.indices) >= 2 * kept_places) forget_old();
}

// Whole batches only.
void EndlessCut::forget_old() {
  const std::int64_t least = std::ssize(kept_.indices) - kept_places;
  const auto last = std::upper_bound(kept_.ends.begin(), kept_.ends.end(), least);
  if (last == kept_.ends.begin()) return;
  const std::int64_t places = *std::prev(last);
  first_batch_ += last - kept_.ends.begin();
  first_place_ += places;
  kept_.indices.erase(kept_.indices.begin(), kept_.indices.begin() + places);
  kept_.ends.erase(kept_.ends.begin(), last);
  for (std::int64_t& end : kept_.ends) end -= places;
}

std::pair<std::int64_t, std::int64_t> EndlessCut::places_of(std::int64_t batch) {
  if (batch < first_batch_) restart();
  while (first_batch_ + std::ssize(kept_.ends) <= batch) take_one();
  const auto end = kept_.ends.begin() + (batch - first_batch_);
  const std::int64_t first = end == kept_.ends.begin() ? 0 : *std::prev(end);
  return {first_place_ + first, first_place_ + *end};
}

std::int64_t EndlessCut::at(std::int64_t place) {
  if (place < first_place_) restart();
  while (first_place_ + std::ssize(kept_.indices) <= place) take_one();
  return kept_.indices[static_cast<std::size_t>(place - first_place_)];
}

}  // namespace pinfeed
