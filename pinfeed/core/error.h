// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pinfeed {

/// The cause of an error. It decides the exit code of a command.
enum class ErrorKind { config, data, device, system, interrupted, bug };

/// config 2, data 3, device 4, system 5, interrupted 130, bug 70.
int exit_code(ErrorKind kind);

/// A text that was read. It is kept so that errors can quote its lines.
struct SourceText {
  std::string name;  // as the user wrote the path, or "--cfg-options"
  std::string text;
};

/// A range of characters in one line of a text. Line and column start at 1; line 0 means unknown.
struct SourceSpan {
  std::shared_ptr<const SourceText> source = nullptr;
  int line = 0;
  int column = 0;  // in characters (code points), not bytes
  int length = 1;  // characters underlined, at least 1

  bool known() const { return source != nullptr && line > 0; }
};

/// The line of the text that contains the span, without its line ending.
std::string_view line_of(const SourceSpan& span);

/// What was being done when an error occurred: typed data, from which the `while` lines of the
/// message are made.
struct StepContext {  // "LoadImageFromFile worked on a.jpg": a step of a pipeline, or a dataset
  std::string step = {};
  std::string file = {};  // the sample's own image
};
struct FileContext {  // "reading a.jpg"
  std::string file = {};
};
struct AnnotationContext {  // "reading annotation 7 of a.json"
  std::int64_t id = 0;
  std::string file = {};
};
struct SampleContext {     // "loading sample 3"
  std::int64_t index = 0;  // of the dataset's record
};
struct BatchContext {  // "filling batch 2 of epoch 1"
  std::int64_t batch = 0;
  std::int64_t epoch = 0;
};
struct ActionContext {  // anything else, as a phrase: "collating 'inputs'"
  std::string action = {};
};
using ErrorContext = std::variant<StepContext, FileContext, AnnotationContext, SampleContext,
                                  BatchContext, ActionContext>;
/// The entry as the message has it, without `while`: "reading a.jpg".
std::string phrase_of(const ErrorContext& entry);

/// The one exception type. It carries data, and message() renders them: first the text (what is
/// wrong, with the value), then where it was written, the context (innermost first), the path in
/// the config, and what would be right.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string text);

  Error& at(SourceSpan span);               // the `-->` lines; the first known span is kept
  Error& inside(std::string config_path);   // the `at` line; the first one is kept
  Error& with_context(ErrorContext entry);  // a `while` line; the innermost comes first
  Error& ends_at(std::uint64_t byte);       // the first byte that cannot be used; not printed
  Error& help(std::string advice);          // the `help:` line; the first one is kept

  ErrorKind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  const SourceSpan& span() const { return span_; }
  const std::string& config_path() const { return config_path_; }
  const std::vector<ErrorContext>& context() const { return context_; }
  /// The innermost entry of this type; null where there is none.
  template <class Context>
  const Context* find_context() const {
    for (const ErrorContext& entry : context_) {
      if (const Context* found = std::get_if<Context>(&entry)) return found;
    }
    return nullptr;
  }
  const std::string& advice() const { return help_; }
  std::optional<std::uint64_t> end() const { return end_; }

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
  std::vector<ErrorContext> context_;
  std::optional<std::uint64_t> end_ = {};
  std::string help_;
  std::string message_;
};

/// The name among `known` that is nearest to `name` (edit distance at most a third of its
/// length, at least 2), or empty.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "a, b, c": for messages.
std::string joined(const std::vector<std::string>& names);
/// The same of the first `most` names: "a, b, c and 75 more". A single further name is written.
std::string joined(const std::vector<std::string>& names, std::size_t most);

/// The text of errno of the last failed system call: "No space left on device".
std::string system_reason();

/// Converts an exception that is not an Error, thrown by `where` ("Resize"). std::bad_alloc and
/// std::system_error become Error(system), everything else Error(bug).
Error unexpected_error(const std::string& where, const std::exception& error);

/// The current exception as an Error: itself if it is one; otherwise unexpected_error() of `where`,
/// which also names exceptions of other types than std::exception. Call it inside a catch block
/// only.
Error current_error(const std::string& where);

/// The kind of error for a failure to open or read a file of the user, by the errno of the last
/// system call: data where the file is the cause (missing, no permission, a directory, a name too
/// long), system where the machine is (too many open files, out of memory, an I/O error).
ErrorKind read_failure_kind();

}  // namespace pinfeed
