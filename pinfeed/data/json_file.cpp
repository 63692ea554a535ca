// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/json_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::size_t forget_bytes = std::size_t{8} << 20U;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Characters at which skipping a value must stop and think.
constexpr std::array<bool, 256> stops = [] {
  std::array<bool, 256> table = {};
  for (const char c : {'"', '[', ']', '{', '}'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

Error broken(const std::string& path, std::size_t offset, const std::string& what) {
  return Error(ErrorKind::data,
               path + " is not valid JSON: " + what + " at byte " + std::to_string(offset));
}

// Walks over a text without understanding more than brackets and strings.
class Scanner {
 public:
  Scanner(const JsonFile& file, std::string_view text) : file_(&file), text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
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
  [[noreturn]] void fail(const std::string& what) {
    const std::size_t offset = file_->offset(text_.substr(at_));
    if (at_ >= text_.size()) throw broken(file_->path(), offset, "the file ends too early");
    throw broken(file_->path(), offset, what);
  }

  // Gives pages that were passed back to the system; a later read fetches them again.
  void forget() {
    if (at_ < forgotten_ + forget_bytes) return;
    file_->forget(text_.substr(forgotten_, at_ - forgotten_));
    forgotten_ = at_;
  }

  // The string at this place, without its quotes and with its escapes.
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

  // The value at this place, whatever it is.
  std::string_view value() {
    const char first = peek();
    const std::size_t start = at_;
    if (first == '"') {
      string();
    } else if (first == '{' || first == '[') {
      skip_nested();
    } else {
      skip_plain();
    }
    return text_.substr(start, at_ - start);
  }

 private:
  void skip_plain() {
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ',' &&
           !stops[static_cast<unsigned char>(text_[at_])]) {
      ++at_;
    }
    if (at_ == start) fail("expected a value");
  }
  void skip_nested() {
    std::size_t depth = 0;
    do {
      while (at_ < text_.size() && !stops[static_cast<unsigned char>(text_[at_])]) ++at_;
      if (at_ >= text_.size()) fail("");
      const char c = text_[at_];
      if (c == '"') {
        string();
        continue;
      }
      depth += c == '{' || c == '[' ? 1U : 0U;
      depth -= c == '}' || c == ']' ? 1U : 0U;
      ++at_;
      forget();
    } while (depth > 0);
  }

  const JsonFile* file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t forgotten_ = 0;
};

std::size_t regular_size(int file, const std::string& path) {
  struct stat facts = {};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(file);
    throw Error(ErrorKind::data, path + " is no regular file");
  }
  return static_cast<std::size_t>(facts.st_size);
}

}  // namespace

JsonFile::JsonFile(std::string path) : path_(std::move(path)) {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw Error(ErrorKind::data, "cannot open " + path_ + ": " + system_reason());
  size_ = regular_size(file, path_);
  void* mapped = size_ == 0 ? MAP_FAILED : ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (size_ == 0) throw Error(ErrorKind::data, path_ + " is empty");
  if (mapped == MAP_FAILED) {
    throw Error(ErrorKind::system, "cannot map " + path_ + ": " + system_reason());
  }
  ::madvise(mapped, size_, MADV_SEQUENTIAL);
  bytes_ = static_cast<const char*>(mapped);
  text_ = {bytes_, size_};
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

JsonFile::~JsonFile() { ::munmap(const_cast<char*>(bytes_), size_); }

std::size_t JsonFile::offset(std::string_view part) const {
  return static_cast<std::size_t>(part.data() - bytes_);
}

char JsonFile::kind() const {
  Scanner scanner(*this, text_);
  const char first = scanner.peek();
  if (first != '{' && first != '[') scanner.fail("expected '{' or '['");
  return first;
}

std::string_view JsonFile::whole() const { return Scanner(*this, text_).value(); }

std::string_view JsonFile::find(std::string_view key) {
  if (members_.empty()) read_members();
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->first == key) return member->second;  // the last one wins, as in Python
  }
  return {};
}

void JsonFile::read_members() {
  Scanner scanner(*this, text_);
  scanner.expect('{');
  for (bool more = !scanner.take('}'); more;) {
    const std::string_view name = scanner.string();
    scanner.expect(':');
    members_.emplace_back(name, scanner.value());
    more = scanner.take(',');
    if (!more) scanner.expect('}');
  }
}

void JsonFile::each(std::string_view array,
                    const std::function<void(std::string_view)>& use) const {
  Scanner scanner(*this, array);
  scanner.expect('[');
  for (bool more = !scanner.take(']'); more;) {
    use(scanner.value());
    more = scanner.take(',');
    if (!more) scanner.expect(']');
  }
}

void JsonFile::forget(std::string_view passed) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t start = (offset(passed) + page - 1) / page * page;
  const std::size_t end = (offset(passed) + passed.size()) / page * page;
  if (end > start) ::madvise(const_cast<char*>(bytes_) + start, end - start, MADV_DONTNEED);
}

}  // namespace pinfeed
