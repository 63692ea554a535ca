// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/record_id.h"

#include <deque>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "pinfeed/core/json_text.h"

namespace pinfeed {
namespace {

constexpr std::int64_t first_reserved = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t reserved_ids = std::int64_t{1} << 40U;

struct NamedId {
  std::string text = {};
  bool is_number = false;
};

// The texts of the reserved ids that are in use. They are never removed.
class NamedIds {
 public:
  std::int64_t id_of(std::string_view text, bool is_number) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
    }
    const std::unique_lock lock(mutex_);
    if (const auto known = ids_.find(text); known != ids_.end()) return known->second;
    const std::int64_t id = first_reserved + static_cast<std::int64_t>(named_.size());
    named_.push_back({std::string(text), is_number});
    ids_.emplace(named_.back().text, id);
    return id;
  }
  // Null for an id that stands for itself. Elements of a deque stay where they are.
  const NamedId* find(std::int64_t id) const {
    if (!is_reserved_id(id)) return nullptr;
    const std::shared_lock lock(mutex_);
    const auto position = static_cast<std::size_t>(id - first_reserved);
    return position < named_.size() ? &named_[position] : nullptr;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::deque<NamedId> named_ = {};
  std::unordered_map<std::string_view, std::int64_t> ids_ = {};
};

NamedIds& named_ids() {
  static NamedIds ids;
  return ids;
}

// Of two integers in decimal digits without leading zeros.
bool is_smaller_number(std::string_view a, std::string_view b) {
  const bool negative = a.starts_with('-');
  if (negative != b.starts_with('-')) return negative;
  const bool smaller_size = a.size() != b.size() ? a.size() < b.size() : a < b;
  return negative ? a != b && !smaller_size : smaller_size;
}

}  // namespace

std::int64_t text_id(std::string_view text) { return named_ids().id_of(text, false); }

std::int64_t digits_id(std::string_view digits) { return named_ids().id_of(digits, true); }

bool is_reserved_id(std::int64_t id) { return id < first_reserved + reserved_ids; }

std::string id_text(std::int64_t id) {
  const NamedId* named = named_ids().find(id);
  return named == nullptr ? std::to_string(id) : named->text;
}

std::string id_json(std::int64_t id) {
  const NamedId* named = named_ids().find(id);
  if (named == nullptr) return std::to_string(id);
  return named->is_number ? named->text : json_string(named->text);
}

bool IdLess::operator()(std::int64_t a, std::int64_t b) const {
  if (!is_reserved_id(a) && !is_reserved_id(b)) return a < b;
  const NamedId* left = named_ids().find(a);
  const NamedId* right = named_ids().find(b);
  const bool left_is_text = left != nullptr && !left->is_number;
  const bool right_is_text = right != nullptr && !right->is_number;
  if (left_is_text != right_is_text) return right_is_text;
  if (left_is_text) return left->text < right->text;
  return is_smaller_number(id_text(a), id_text(b));
}

}  // namespace pinfeed
