// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/scalar_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/formats/event_file.h"
#include "pinfeed/image/codec/codec.h"

namespace pinfeed {
namespace {

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class EventFile : public ScalarWriter {
 public:
  explicit EventFile(RunLog& log) : log_(&log), file_(log.further_file(name())) {
    append(version_event(unix_seconds()));
  }

  void add(const Scalars& scalars, std::int64_t step) override {
    append(scalars_event(unix_seconds(), step, scalars));
  }
  void add_text(const std::string& name, const std::string& text) override {
    append(text_event(unix_seconds(), 0, name, text));
  }
  void add_image(const std::string& name, const std::string& path, std::int64_t step) override {
    const std::string bytes = read_text(path, ErrorKind::data);
    const Size size = image::read_header(std::as_bytes(std::span(bytes)), path).oriented();
    append(image_event(unix_seconds(), step, name, size.width, size.height, bytes));
  }

 private:
  // TensorBoard reads files whose name contains "tfevents".
  static std::string name() {
    std::array<char, 256> host = {};
    gethostname(host.data(), host.size() - 1);
    return fmt::format("events.out.tfevents.{}.{}.{}", static_cast<std::int64_t>(unix_seconds()),
                       host.data(), getpid());
  }
  void append(const std::string& event) { log_->append(file_, event_record(event)); }

  RunLog* log_;
  AppendedFile file_;
};

class CsvFile : public ScalarWriter {
 public:
  explicit CsvFile(RunLog& log) : log_(&log), file_(log.further_file("scalars.csv")) {
    log_->append(file_, "step,name,value\n");
  }

  void add(const Scalars& scalars, std::int64_t step) override {
    std::string lines;
    for (const auto& [name, value] : scalars)
      lines += fmt::format("{},{},{}\n", step, quoted_field(name), value);
    log_->append(file_, lines);
  }

 private:
  static std::string quoted_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text)
      quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
  }

  RunLog* log_;
  AppendedFile file_;
};

}  // namespace

std::vector<std::unique_ptr<ScalarWriter>> make_scalar_writers(
    const std::vector<std::string>& types, RunLog& log) {
  std::vector<std::unique_ptr<ScalarWriter>> writers;
  for (const std::string& type : types) {
    if (type == "TensorboardVisBackend") writers.push_back(std::make_unique<EventFile>(log));
    if (type == "CSVVisBackend") writers.push_back(std::make_unique<CsvFile>(log));
  }
  return writers;
}

Scalars scalars_of(const LogLine& line) {
  Scalars all = line.rates;
  if (line.data_time) all.emplace_back("data_time", *line.data_time);
  all.insert(all.end(), line.others.begin(), line.others.end());
  if (line.time) all.emplace_back("time", *line.time);
  if (line.memory_mib) all.emplace_back("memory", static_cast<double>(*line.memory_mib));
  return all;
}

}  // namespace pinfeed
