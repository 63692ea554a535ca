// SPDX-License-Identifier: Apache-2.0
// Source of the form: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/train/logging/log_line.h"

#include <fmt/format.h>

#include "pinfeed/core/json_text.h"
#include "pinfeed/core/text.h"

namespace pinfeed {
namespace {

int digits_of(std::int64_t number) { return static_cast<int>(std::to_string(number).size()); }

// "[ 50/100]": the count is as wide as the whole.
std::string counted(std::int64_t count, std::int64_t all) {
  return fmt::format("[{:>{}}/{}]", count, digits_of(all), all);
}

std::string head(const LogPosition& position) {
  const std::string counts = counted(position.iteration, position.iterations);
  if (!position.by_epoch) return fmt::format("Iter({}) {}", position.mode, counts);
  if (position.mode == "test") return fmt::format("Epoch(test) {}", counts);
  const std::string epoch = fmt::format("[{}]", position.epoch);
  return fmt::format("Epoch({}){:>{}}{}", position.mode, epoch, digits_of(position.max_epochs) + 3,
                     counts);
}

std::string joined_scalars(const Scalars& scalars, int digits) {
  std::string text;
  for (const auto& [name, value] : scalars) {
    text += fmt::format("{}{}: {:.{}f}", text.empty() ? "" : "  ", name, without_nan_sign(value),
                        digits);
  }
  return text;
}

std::string rates_text(const LogLine& line) {
  std::string text;
  for (const auto& [name, value] : line.rates) {
    text += fmt::format("{}{}: {:.{}e}", text.empty() ? "" : " ", name, value, line.digits);
  }
  return text;
}

class JsonLine {
 public:
  void add(const std::string& name, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + json_string(name) + ": " + value;
  }
  void add(const std::string& name, std::optional<double> value) {
    if (value) add(name, strict_json_number(*value));
  }
  void add(const Scalars& scalars) {
    for (const auto& [name, value] : scalars) add(name, strict_json_number(value));
  }
  std::string done() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

}  // namespace

std::string log_text(const LogLine& line) {
  std::string text = head(line.position) + "  " + rates_text(line) + "  ";
  if (line.eta_seconds) text += "eta: " + duration_text(*line.eta_seconds) + "  ";
  if (line.time) text += fmt::format("time: {:.{}f}  ", *line.time, line.digits);
  if (line.data_time) text += fmt::format("data_time: {:.{}f}  ", *line.data_time, line.digits);
  if (line.memory_mib) text += fmt::format("memory: {}  ", *line.memory_mib);
  return text + joined_scalars(line.others, line.digits);
}

std::string metrics_text(const LogLine& line) {
  LogLine rest = line;
  if (line.data_time) rest.others.emplace_back("data_time", *line.data_time);
  if (line.time) rest.others.emplace_back("time", *line.time);
  return head(line.position) + "    " + joined_scalars(rest.others, line.digits);
}

std::string log_json(const LogLine& line, std::int64_t iteration, std::int64_t step) {
  JsonLine json;
  json.add(line.rates);
  json.add("data_time", line.data_time);
  json.add(line.others);
  json.add("time", line.time);
  if (line.position.by_epoch) json.add("epoch", std::to_string(line.position.epoch));
  json.add("iter", std::to_string(iteration));
  if (line.memory_mib) json.add("memory", std::to_string(*line.memory_mib));
  json.add("step", std::to_string(step));
  return json.done();
}

std::string metrics_json(const LogLine& line, std::int64_t step) {
  JsonLine json;
  json.add(line.others);
  json.add("data_time", line.data_time);
  json.add("time", line.time);
  json.add("step", std::to_string(step));
  return json.done();
}

}  // namespace pinfeed
