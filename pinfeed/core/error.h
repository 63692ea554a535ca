// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed {

/// What kind of thing went wrong. It decides the exit code of a command.
enum class ErrorKind { config, data, device, system, interrupted, bug };

/// config 2, data 3, device 4, system 5, interrupted 130, bug 70.
int exit_code(ErrorKind kind);

/// A text that was read, kept so that errors can show its lines.
struct SourceText {
  std::string name;  // as the user wrote the path, or "--cfg-options"
  std::string text;
};

/// A stretch of one line of a text. Line and column start at 1; line 0 means "nowhere".
struct SourceSpan {
  std::shared_ptr<const SourceText> source = nullptr;
  int line = 0;
  int column = 0;  // in characters (code points), not bytes
  int length = 1;  // characters underlined, at least 1

  bool known() const { return source != nullptr && line > 0; }
};

/// The line of the text that `place` lies on, without its line ending.
std::string_view line_of(const SourceSpan& span);

/// The one exception type. First the text (what is wrong, with the value), then where it was
/// written, the trail (innermost first), the path in the config, and what would be right.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string text);

  Error& at(SourceSpan span);              // the `-->` lines; the first known place stays
  Error& inside(std::string config_path);  // the `at` line; the first one stays
  Error& with_context(std::string step);   // a `while` line: "loading sample 3"
  Error& help(std::string advice);         // the `help:` line; the first one stays

  ErrorKind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  const SourceSpan& span() const { return span_; }
  const std::string& config_path() const { return config_path_; }
  const std::vector<std::string>& context() const { return context_; }
  const std::string& advice() const { return help_; }

  /// The whole message, as commands print it: several lines, a line feed after each.
  std::string message() const;
  /// The same as message().
  const char* what() const noexcept override;

 private:
  void render();

  ErrorKind kind_;
  std::string text_;
  SourceSpan span_;
  std::string config_path_;
  std::vector<std::string> context_;
  std::string help_;
  std::string message_;
};

/// The name among `known` that is nearest to `name` (edit distance at most a third of its
/// length, at least 2), or empty.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "a, b, c": for messages.
std::string joined(const std::vector<std::string>& names);

/// The reason of the last failed system call (errno), in words: "No space left on device".
std::string system_reason();

}  // namespace pinfeed
