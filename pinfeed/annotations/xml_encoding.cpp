// SPDX-License-Identifier: Apache-2.0
// Source of the rules: XML 1.0, appendix F. Converting is left to iconv of the C library.
#include "pinfeed/annotations/xml_encoding.h"

#include <fmt/format.h>
#include <iconv.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// The first bytes of a text whose encoding does not need a declaration.
struct EncodingStart {
  std::string_view bytes;
  const char* encoding;
};
constexpr std::array encoding_starts = {
    EncodingStart{std::string_view("\xFF\xFE\0\0", 4), "UTF-32"},
    EncodingStart{std::string_view("\0\0\xFE\xFF", 4), "UTF-32"},
    EncodingStart{"\xFF\xFE", "UTF-16"},
    EncodingStart{"\xFE\xFF", "UTF-16"},
    EncodingStart{std::string_view("<\0?\0", 4), "UTF-16LE"},
    EncodingStart{std::string_view("\0<\0?", 4), "UTF-16BE"},
};

// encoding="GBK" of the XML declaration; empty if it names none.
std::string_view declared_encoding(std::string_view text) {
  if (!text.starts_with("<?xml")) return {};
  std::string_view declaration = text.substr(0, text.find("?>"));
  const std::size_t key = declaration.find("encoding");
  if (key == std::string_view::npos) return {};
  declaration = trimmed(declaration.substr(key + std::string_view("encoding").size()), blanks);
  if (!declaration.starts_with('=')) return {};
  declaration = trimmed(declaration.substr(1), blanks);
  if (declaration.empty() || (declaration[0] != '"' && declaration[0] != '\'')) return {};
  return declaration.substr(1, declaration.find(declaration[0], 1) - 1);
}

Error not_in_encoding(const std::string& path, const std::string& encoding, std::string_view text,
                      std::size_t at) {
  const std::string byte = at < text.size() ? fmt::format("byte 0x{:02X} at byte {}",
                                                          static_cast<unsigned char>(text[at]), at)
                                            : std::string("the file ends within a character");
  return Error(ErrorKind::data, fmt::format("{} is not {}: {}", path, encoding, byte));
}

class Iconv {
 public:
  explicit Iconv(const std::string& encoding)
      : handle_(::iconv_open("UTF-8", encoding.c_str())), open_(handle_ != invalid()) {}
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  ~Iconv() {
    if (open_) ::iconv_close(handle_);
  }
  bool open() const { return open_; }

  /// Appends the text in UTF-8 to `converted`. Returns how many bytes could be converted.
  std::size_t convert(std::string& text, std::string& converted) {
    std::array<char, 4096> buffer = {};
    char* from = text.data();
    std::size_t left = text.size();
    while (true) {
      char* to = buffer.data();
      std::size_t free = buffer.size();
      const std::size_t result =
          ::iconv(handle_, left > 0 ? &from : nullptr, left > 0 ? &left : nullptr, &to, &free);
      const bool full = result == failed && errno == E2BIG;
      converted.append(buffer.data(), to);
      if (result == failed && !full) return text.size() - left;
      if (result != failed && left == 0) return text.size();
    }
  }

 private:
  static constexpr std::size_t failed = static_cast<std::size_t>(-1);
  static iconv_t invalid() { return reinterpret_cast<iconv_t>(-1); }  // NOLINT: as iconv.h says

  iconv_t handle_;
  bool open_;
};

std::string converted_from(const std::string& encoding, std::string& text,
                           const std::string& path) {
  Iconv iconv(encoding);
  if (!iconv.open()) {
    throw Error(ErrorKind::data,
                path + " is declared to be in the encoding '" + encoding + "', which is unknown")
        .help("iconv -l lists the encodings; most tools can write UTF-8");
  }
  std::string converted;
  const std::size_t done = iconv.convert(text, converted);
  if (done < text.size()) throw not_in_encoding(path, encoding, text, done);
  return converted;
}

void require_utf8(const std::string& text, const std::string& path, bool declared) {
  const std::size_t bad = invalid_utf8(text);
  if (bad == std::string::npos) return;
  Error error = not_in_encoding(path, "UTF-8", text, bad);
  if (declared) throw error.help("its XML declaration says UTF-8; it must name its own encoding");
  throw error.help(
      "its XML declaration names no encoding; if it is Latin-1, the first line must be "
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
}

}  // namespace

std::string xml_in_utf8(std::string text, const std::string& path) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  for (const EncodingStart& start : encoding_starts) {
    if (text.starts_with(start.bytes)) return converted_from(start.encoding, text, path);
  }
  const std::string encoding(declared_encoding(text));
  if (encoding.empty() || lower_case(encoding) == "utf-8" || lower_case(encoding) == "utf8") {
    require_utf8(text, path, !encoding.empty());
    return text;
  }
  // The declaration was read as ASCII, so the text is in none of these.
  const std::string name = lower_case(encoding);
  if (name.starts_with("utf-16") || name.starts_with("utf-32") || name.starts_with("ucs-")) {
    throw Error(ErrorKind::data,
                path + " is declared to be in the encoding '" + encoding + "', and it is not")
        .help("if it is UTF-8, its XML declaration must say so");
  }
  return converted_from(encoding, text, path);
}

}  // namespace pinfeed
