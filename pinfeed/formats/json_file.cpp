// SPDX-License-Identifier: Apache-2.0
// A streaming reader for annotation files that are too large to parse at once.
//
// The file is mapped. read_members() scans the outermost object once: a member's key is a string,
// and its value ends where its brackets close. Finding that end needs no parsing: brackets outside
// strings are counted (json_brackets.cpp), at several GB/s. During the same pass the scanner notes
// commas at depth 1, about one for each MiB: there a list splits into windows of whole elements.
// windows() gives these parts to a parser one after the other, so that the parsed form of only one
// window is in memory; each() finds the elements of a window in the same way.
//
// Pages that were scanned are returned to the system (MADV_DONTNEED), so the resident part of the
// mapping stays small; reading them again fetches them from the page cache. The scanner does not
// check the inside of elements: the parser of an element reports what is wrong in it.
#include "pinfeed/formats/json_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/core/text.h"
#include "pinfeed/core/utf8.h"
#include "pinfeed/formats/json_brackets.h"

namespace pinfeed {
namespace {

constexpr std::size_t forget_bytes = std::size_t{8} << 20U;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool ends_plain(char c) {
  return is_space(c) || std::string_view(",\"[]{}").find(c) != std::string_view::npos;
}

Error broken(const std::string& path, std::size_t offset, const std::string& what) {
  return Error(ErrorKind::data,
               path + " is not valid JSON: " + what + " at byte " + std::to_string(offset));
}

// Skips over values of a text: it reads only brackets, strings and separators.
class Scanner {
 public:
  Scanner(const JsonFile& file, std::string_view text) : file_(&file), text_(text) {}

  std::size_t at() const { return at_; }
  char peek() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "'");
  }
  // Text after the outermost value is an error, as in Python.
  void expect_end() {
    peek();
    if (at_ < text_.size()) fail("expected the end of the file");
  }
  [[noreturn]] void fail(const std::string& what) {
    const std::size_t offset = file_->offset(text_.substr(at_));
    if (at_ >= text_.size()) throw broken(file_->path(), offset, "the file ends too early");
    throw broken(file_->path(), offset, what);
  }

  // Throws unless the text up to the current position is UTF-8, as Python's json requires of the
  // whole file. The last bytes are left until the character that they may begin is complete.
  void require_utf8() {
    std::size_t end = at_;
    for (int i = 0; i < 3 && end < text_.size() && end > checked_; ++i) {
      if (!is_continuation(text_[end])) break;
      --end;
    }
    const std::string_view next = text_.substr(checked_, end - checked_);
    if (!simdjson::validate_utf8(next.data(), next.size())) fail_encoding(next);
    checked_ = end;
  }

  // Returns scanned pages to the system; a later read fetches them again.
  void forget() {
    if (at_ < forgotten_ + forget_bytes) return;
    require_utf8();
    file_->forget(text_.substr(forgotten_, at_ - forgotten_));
    forgotten_ = at_;
  }

  // The string at the current position, without quotes, with its escapes.
  std::string_view string() {
    expect('"');
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = text_.size();
      fail("");
    }
    return text_.substr(start, at_++ - start);
  }

  // The value at the current position, and the commas where it can be split.
  std::string_view value(std::vector<std::size_t>* commas = nullptr) {
    const char first = peek();
    const std::size_t start = at_;
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      BracketScanner scan;
      skip_nested(scan);
      if (commas != nullptr) *commas = std::move(scan.windows.commas);
    } else {
      skip_plain();
    }
    return text_.substr(start, at_ - start);
  }

 private:
  [[noreturn]] void fail_encoding(std::string_view part) const {
    const std::size_t bad = invalid_utf8(part);
    throw Error(ErrorKind::data,
                fmt::format("{} is not UTF-8: byte 0x{:02X} at byte {}", file_->path(),
                            static_cast<unsigned char>(part[bad]), file_->offset(part.substr(bad))))
        .help(fmt::format(
            "JSON is UTF-8; if it is Latin-1: iconv -f ISO-8859-1 -t UTF-8 {} > utf8.json",
            quoted_for_shell(file_->path())));
  }
  void skip_plain() {
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_plain(text_[at_])) ++at_;
    if (at_ == start) fail("expected a value");
  }
  void skip_nested(BracketScanner& scan) {
    do {
      if (at_ >= text_.size()) fail("");
      at_ += scan.scan(text_.substr(at_, forget_bytes));
      forget();
    } while (scan.depth > 0);
  }

  const JsonFile* file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t forgotten_ = 0;
  std::size_t checked_ = 0;  // up to here the text is known to be UTF-8
};

// The size of an open regular file. Throws Error(data) for other files.
std::size_t regular_size(int file, const std::string& path) {
  struct stat status = {};
  if (file < 0) throw failed_call("open", path, ErrorKind::data);
  if (::fstat(file, &status) != 0) throw failed_call("read", path, ErrorKind::data);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::data, path + " is not a regular file");
  }
  if (status.st_size == 0) throw Error(ErrorKind::data, path + " is empty");
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace

JsonFile::JsonFile(std::string path)
    : path_(std::move(path)),
      file_(retried([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })),
      size_(regular_size(file_.number(), path_)) {
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_.number(), 0);
  if (mapped == MAP_FAILED) {
    throw failed_call("map", path_, ErrorKind::system);
  }
  ::madvise(mapped, size_, MADV_SEQUENTIAL);
  bytes_ = static_cast<const char*>(mapped);
  text_ = {bytes_, size_};
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  const bool little = text_.starts_with("\xFF\xFE");
  if (!little && !text_.starts_with("\xFE\xFF")) return;
  ::munmap(mapped, size_);
  throw Error(ErrorKind::data, path_ + " is not UTF-8: its byte-order mark at byte 0 means UTF-16")
      .help("JSON is UTF-8: iconv -f UTF-16 -t UTF-8 " + quoted_for_shell(path_) + " > utf8.json");
}

JsonFile::~JsonFile() { ::munmap(const_cast<char*>(bytes_), size_); }

void JsonFile::copy(std::size_t from, std::span<char> to) const {
  const auto bytes = std::as_writable_bytes(to);
  if (read_at(file_.number(), from, bytes, path_, ErrorKind::data) == to.size()) return;
  throw Error(ErrorKind::data, path_ + " has become shorter since it was opened");
}

std::size_t JsonFile::offset(std::string_view part) const {
  return static_cast<std::size_t>(part.data() - bytes_);
}

char JsonFile::kind() const {
  Scanner scanner(*this, text_);
  const char first = scanner.peek();
  if (first != '{' && first != '[') scanner.fail("expected '{' or '['");
  return first;
}

std::string_view JsonFile::whole() {
  members_.resize(1);
  Scanner scanner(*this, text_);
  members_.front().value = scanner.value(&members_.front().commas);
  scanner.require_utf8();
  scanner.expect_end();
  return members_.front().value;
}

std::string_view JsonFile::find(std::string_view key) {
  if (members_.empty()) read_members();
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->key == key) return member->value;  // the last one wins, as in Python
  }
  return {};
}

void JsonFile::read_members() {
  Scanner scanner(*this, text_);
  scanner.expect('{');
  for (bool more = !scanner.take('}'); more;) {
    Member& member = members_.emplace_back(Member{scanner.string(), {}, {}});
    scanner.expect(':');
    member.value = scanner.value(&member.commas);
    scanner.require_utf8();
    more = scanner.take(',');
    if (!more) scanner.expect('}');
  }
  scanner.expect_end();
}

void JsonFile::windows(std::string_view array,
                       const std::function<void(std::string_view)>& use) const {
  const std::size_t last = array.size() - 1;
  if (array[last] != ']') throw broken(path_, offset(array) + last, "expected ']'");
  const auto member = std::find_if(members_.begin(), members_.end(), [&](const Member& one) {
    return one.value.data() == array.data();
  });
  std::size_t start = 1;
  for (const std::size_t comma : member->commas) {
    use(array.substr(start, comma - start));
    start = comma + 1;
  }
  const std::string_view rest = array.substr(start, last - start);
  const bool blank = std::all_of(rest.begin(), rest.end(), is_space);
  if (!blank) return use(rest);
  if (start > 1) each(rest, [](std::string_view) {});
}

void JsonFile::each(std::string_view window,
                    const std::function<void(std::string_view)>& use) const {
  Scanner scanner(*this, {window.data(), window.size() + 1});  // with its separator
  while (true) {
    use(scanner.value());
    scanner.peek();
    if (scanner.at() == window.size()) return;
    scanner.expect(',');
  }
}

void JsonFile::forget(std::string_view passed) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t start = (offset(passed) + page - 1) / page * page;
  const std::size_t end = (offset(passed) + passed.size()) / page * page;
  if (end > start) ::madvise(const_cast<char*>(bytes_) + start, end - start, MADV_DONTNEED);
}

}  // namespace pinfeed
