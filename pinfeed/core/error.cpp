// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/error.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "pinfeed/core/record_id.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

// Bytes that start a character: continuation bytes of UTF-8 do not count.
int characters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

// The byte where character `index`, from 0 on, starts, or the end.
std::size_t start_of(std::string_view text, int index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && index-- == 0) break;
  }
  return at;
}

// The part of a line that is printed, and the column in it.
struct Excerpt {
  std::string text;
  int column = 1;
};

// The whole line, or the part of a long line around the column.
Excerpt excerpt(std::string_view line, int column) {
  constexpr int longest = 200;
  constexpr int before = 60;
  constexpr int shown = 120;
  constexpr std::string_view cut = "...";
  if (characters(line) <= longest) return {std::string(line), column};
  const int first = std::max(0, column - 1 - before);
  const std::size_t from = start_of(line, first);
  const std::size_t to = start_of(line, first + shown);
  Excerpt part{std::string(line.substr(from, to - from)), column - first};
  if (to < line.size()) part.text += cut;
  if (first == 0) return part;
  part.text.insert(0, cut);
  part.column += static_cast<int>(cut.size());
  return part;
}

// The blanks before the carets: tabs stay tabs, so that the carets are below the span.
std::string margin(std::string_view line, int column) {
  std::string blanks;
  for (const char c : line) {
    if (is_continuation(c)) continue;
    if (static_cast<int>(blanks.size()) + 1 >= column) break;
    blanks += c == '\t' ? '\t' : ' ';
  }
  return blanks;
}

std::string underlined_line(const SourceSpan& span) {
  const Excerpt line = excerpt(line_of(span), span.column);
  const int width = std::max(1, characters(line.text) - line.column + 1);
  std::string lines = "  --> " + span.source->name + ":" + std::to_string(span.line) + ":" +
                      std::to_string(span.column) + "\n";
  lines += "   | " + line.text + "\n";
  lines += "   | " + margin(line.text, line.column) +
           std::string(static_cast<std::size_t>(std::clamp(span.length, 1, width)), '^') + "\n";
  return lines;
}

std::string phrase(const StepContext& context) {
  return context.step + " worked on " + context.file;
}
std::string phrase(const FileContext& context) { return "reading " + context.file; }
std::string phrase(const AnnotationContext& context) {
  return "reading annotation " + id_text(context.id) + " of " + context.file;
}
std::string phrase(const SampleContext& context) {
  return "loading sample " + std::to_string(context.index);
}
std::string phrase(const BatchContext& context) {
  return "filling batch " + std::to_string(context.batch) + " of epoch " +
         std::to_string(context.epoch);
}
std::string phrase(const ActionContext& context) { return context.action; }

// Insertions, deletions, replacements and swaps of neighbours, each counted once.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;  // two rows above
  std::vector<std::size_t> above;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return 2;
    case ErrorKind::data: return 3;
    case ErrorKind::device: return 4;
    case ErrorKind::system: return 5;
    case ErrorKind::interrupted: return 130;
    case ErrorKind::bug: break;
  }
  return 70;
}

std::string phrase_of(const ErrorContext& entry) {
  return std::visit([](const auto& one) { return phrase(one); }, entry);
}

std::string_view line_of(const SourceSpan& span) {
  if (!span.known()) return {};
  std::string_view rest = span.source->text;
  for (int line = 1; line < span.line; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

Error::Error(ErrorKind kind, std::string text) : kind_(kind), text_(std::move(text)) { render(); }

Error& Error::at(SourceSpan span) {
  if (!span_.known()) span_ = std::move(span);
  render();
  return *this;
}

Error& Error::inside(std::string config_path) {
  if (config_path_.empty()) config_path_ = std::move(config_path);
  render();
  return *this;
}

Error& Error::with_context(ErrorContext entry) {
  context_.push_back(std::move(entry));
  render();
  return *this;
}

Error& Error::ends_at(std::uint64_t byte) {
  if (!end_) end_ = byte;
  return *this;
}

Error& Error::help(std::string advice) {
  if (help_.empty()) help_ = std::move(advice);
  render();
  return *this;
}

void Error::render() {
  message_ = "error: " + text_ + "\n";
  if (span_.known()) message_ += underlined_line(span_);
  for (const ErrorContext& entry : context_) {
    message_ += "  while " + phrase_of(entry) + "\n";
  }
  if (!config_path_.empty()) message_ += "   at " + config_path_ + "\n";
  if (!help_.empty()) message_ += "help: " + help_ + "\n";
}

std::string Error::message() const { return message_; }

const char* Error::what() const noexcept { return message_.c_str(); }

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  const std::size_t limit = std::max<std::size_t>(2, name.size() / 3);
  std::string best;
  std::size_t distance = limit + 1;
  for (const std::string& candidate : known) {
    const std::size_t found = edit_distance(name, candidate);
    if (found >= distance || found >= candidate.size()) continue;
    distance = found;
    best = candidate;
  }
  return best;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string joined(const std::vector<std::string>& names, std::size_t most) {
  if (names.size() <= most + 1) return joined(names);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(most);
  return joined({names.begin(), end}) + " and " + std::to_string(names.size() - most) + " more";
}

Error unexpected_error(const std::string& where, const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return Error(ErrorKind::system, where + ": out of memory");
  }
  const bool refused = dynamic_cast<const std::system_error*>(&error) != nullptr;
  return Error(refused ? ErrorKind::system : ErrorKind::bug,
               where + " threw an exception: " + error.what());
}

Error current_error(const std::string& where) {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return unexpected_error(where, error);
  } catch (...) {
    return {ErrorKind::bug, where + " threw an exception that is not a std::exception"};
  }
}

ErrorKind read_failure_kind() {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
    case ENXIO:
    case ENODEV: return ErrorKind::data;
    default: return ErrorKind::system;
  }
}

Error failed_call(const char* what, const std::string& path, ErrorKind kind) {
  if (read_failure_kind() == ErrorKind::system) kind = ErrorKind::system;
  return {kind, std::string("cannot ") + what + " " + path + ": " + system_reason()};
}

std::string system_reason() { return std::generic_category().message(errno); }

}  // namespace pinfeed
