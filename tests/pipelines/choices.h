// SPDX-License-Identifier: Apache-2.0
// Random numbers and texts for the generator of pipelines.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed::pipelines {

/// What a seed decides. The same seed gives the same choices on every machine.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : generator_(seed) {}

  bool chance(double probability) { return real(0.0, 1.0) < probability; }
  int whole(int low, int high) {  // inclusive
    const auto count = static_cast<std::uint64_t>(std::int64_t{high} - low + 1);
    return low + static_cast<int>(generator_() % count);
  }
  double real(double low, double high) {
    return low + (high - low) * (static_cast<double>(generator_() >> 11U) * 0x1p-53);
  }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + whole(0, static_cast<int>(values.size()) - 1));
  }
  std::string_view name_of(std::initializer_list<std::string_view> names) { return one_of(names); }

  /// A length in pixels, often one where rules change; rarely one that no image can have.
  int side() {
    if (chance(0.005)) return one_of({0, -1, -7, 1 << 20, 2147483647});
    if (chance(0.35)) return one_of({1, 2, 3, 7, 16, 31, 32, 33, 50, 64, 100, 128});
    return whole(1, 220);
  }
  std::string size() { return fmt::format("({}, {})", side(), side()); }
  /// A number around 1; rarely far from it.
  double factor() {
    if (chance(0.01)) return one_of({0.0, -1.0, 1e-9, 1e9, 1e300});
    if (chance(0.3)) return one_of({0.25, 0.5, 1.0, 1.5, 2.0, 3.0});
    return real(0.2, 2.5);
  }
  /// A range with its smaller end first.
  std::string range(double low, double high) {
    const double first = chance(0.2) ? low : real(low, high);
    return fmt::format("({}, {})", first, chance(0.2) ? first : real(first, high));
  }
  double probability() { return chance(0.4) ? one_of({0.0, 0.5, 1.0}) : real(0.0, 1.0); }
  std::string color() {
    return fmt::format("({}, {}, {})", real(-20, 300), whole(0, 255), real(0, 255));
  }

 private:
  std::mt19937_64 generator_;
};

inline std::string_view text(bool value) { return value ? "True" : "False"; }

/// The text of a step: dict(type='Pad', size=(3, 4)).
class StepText {
 public:
  explicit StepText(std::string_view type) : text_(fmt::format("dict(type='{}'", type)) {}
  template <class T>
  StepText& key(std::string_view name, const T& value) {
    text_ += fmt::format(", {}={}", name, value);
    return *this;
  }
  StepText& key(std::string_view name, bool value) { return key(name, text(value)); }
  StepText& name(std::string_view key, std::string_view value) {
    text_ += fmt::format(", {}='{}'", key, value);
    return *this;
  }
  std::string done() const { return text_ + ")"; }

 private:
  std::string text_;
};

inline std::string listed(const std::vector<std::string>& texts) {
  std::string all = "[";
  for (const std::string& one : texts) all += one + ", ";
  return all + "]";
}

}  // namespace pinfeed::pipelines
