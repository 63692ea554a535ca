// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/codec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/core/text.h"
#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {
namespace {

// The first bytes of the files of a format; '?' is any byte.
struct Signature {
  std::string_view name;
  std::string_view coder;  // ImageMagick's name of the format
  std::string_view bytes;
};

constexpr std::string_view any_byte = "?";
constexpr std::string_view jpeg_signature("\xFF\xD8\xFF", 3);
constexpr std::string_view png_signature("\x89PNG\r\n\x1A\n", 8);
constexpr std::array other_formats = {
    Signature{"WebP", "webp", "RIFF????WEBP"},
    Signature{"GIF", "gif", "GIF8"},
    Signature{"BMP", "bmp", "BM"},
    Signature{"TIFF", "tiff", std::string_view("II*\0", 4)},
    Signature{"TIFF", "tiff", std::string_view("MM\0*", 4)},
    Signature{"AVIF", "avif", "????ftypavi"},
    Signature{"HEIC", "heic", "????ftyphei"},
    Signature{"JPEG 2000", "jp2", std::string_view("\0\0\0\x0CjP  ", 8)},
    Signature{"JPEG XL", "jxl", std::string_view("\0\0\0\x0CJXL ", 8)},
    Signature{"JPEG XL", "jxl", "\xFF\x0A"},
};

bool begins_with(Bytes bytes, std::string_view signature) {
  if (bytes.size() < signature.size()) return false;
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const bool same = static_cast<char>(bytes[i]) == signature[i];
    if (!same && signature[i] != any_byte[0]) return false;
  }
  return true;
}

// Annotations name the file as it is, and the content decides the format: a PNG of the same name.
std::string conversion(std::string_view format, std::string_view path) {
  const std::string first_frame = fmt::format("{}:{}[0]", format, path);
  return fmt::format("convert {} {}", quoted_for_shell(first_frame),
                     quoted_for_shell(fmt::format("png:{}", path)));
}

std::string first_bytes(Bytes bytes) {
  std::string text;
  for (const std::byte b : bytes.first(std::min<std::size_t>(4, bytes.size()))) {
    text += fmt::format(" {:02x}", std::to_integer<int>(b));
  }
  return text;
}

[[noreturn]] void throw_unknown(Bytes bytes, std::string_view path) {
  if (bytes.empty()) throw Error(ErrorKind::data, "the file is empty").ends_at(0);
  for (const Signature& format : other_formats) {
    if (!begins_with(bytes, format.bytes)) continue;
    throw Error(ErrorKind::data,
                fmt::format("the image is {}; JPEG and PNG can be read", format.name))
        .help("convert it under its name, as ImageMagick does: " + conversion(format.coder, path));
  }
  throw Error(ErrorKind::data, "not an image: the file begins with" + first_bytes(bytes));
}

[[noreturn]] void throw_incomplete(std::string_view format, std::uint64_t file_bytes) {
  throw Error(
      ErrorKind::data,
      fmt::format("{} ends early: within its header, the file has {} bytes", format, file_bytes))
      .ends_at(file_bytes);
}

Header header_of(const HeaderBytes& bytes, std::uint64_t file_bytes, std::string_view path,
                 std::int64_t max_pixels) {
  constexpr std::size_t signature_bytes = 16;
  const Bytes start = bytes.at(0, signature_bytes);
  const bool is_png = begins_with(start, png_signature);
  if (!is_png && !begins_with(start, jpeg_signature)) throw_unknown(start, path);
  std::optional<Header> header = is_png ? png_header(bytes) : jpeg_header(bytes);
  if (!header) throw_incomplete(is_png ? "PNG" : "JPEG", file_bytes);
  const Size size = header->stored;
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::data,
                "the image has " + to_string(size) + " pixels; both sides must be at least 1");
  }
  check_pixels(size, max_pixels);
  header->file_bytes = file_bytes;
  return *header;
}

// Adds the file to the context of errors.
template <class Function>
auto with_file(std::string_view path, const Function& function) {
  try {
    return function();
  } catch (Error& error) {
    error.with_context(FileContext{std::string(path)});
    throw;
  }
}

// A file in memory.
class MemoryBytes : public HeaderBytes {
 public:
  explicit MemoryBytes(Bytes bytes) : bytes_(bytes) {}
  Bytes at(std::uint64_t offset, std::size_t count) const override {
    if (offset >= bytes_.size()) return {};
    const Bytes rest = bytes_.subspan(offset);
    return rest.first(std::min(count, rest.size()));
  }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  Bytes bytes_;
};

// An open regular file.
class File {
 public:
  explicit File(const std::string& path);

  std::uint64_t size() const { return size_; }
  /// Sets `bytes` to `count` bytes from `offset` on, or to fewer where the file ends.
  void read(std::uint64_t offset, std::size_t count, std::vector<std::byte>& bytes) const;

 private:
  const std::string& path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "folder";
  if (S_ISFIFO(mode)) return "pipe";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

// Without O_NONBLOCK, opening a pipe would wait for a writer.
File::File(const std::string& path)
    : path_(path),
      file_(retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })) {
  struct stat status = {};
  if (!file_.open() || ::fstat(file_.number(), &status) != 0) {
    throw failed_call("open", path, ErrorKind::data);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (S_ISREG(status.st_mode)) return;
  throw Error(ErrorKind::data,
              fmt::format("{} is a {}, not an image file", path, kind_of(status.st_mode)));
}

void File::read(std::uint64_t offset, std::size_t count, std::vector<std::byte>& bytes) const {
  bytes.resize(count);
  bytes.resize(read_at(file_.number(), offset, bytes, path_, ErrorKind::data));
}

// A file of which a window is in memory. The window moves to the bytes that are asked for, so that
// a header behind large metadata does not cost their bytes.
class FileBytes : public HeaderBytes {
 public:
  FileBytes(const File& file, std::vector<std::byte>& window) : file_(file), window_(window) {
    window_.clear();
  }
  Bytes at(std::uint64_t offset, std::size_t count) const override {
    if (offset >= file_.size()) return {};
    const std::uint64_t end = std::min(offset + count, file_.size());
    if (offset < start_ || end > start_ + window_.size()) {
      start_ = offset;
      file_.read(offset,
                 std::min<std::uint64_t>(std::max(count, window_bytes), file_.size() - offset),
                 window_);
    }
    if (offset - start_ >= window_.size()) return {};  // the file has become shorter
    const Bytes rest = Bytes(window_).subspan(offset - start_);
    return rest.first(std::min(count, rest.size()));
  }
  std::uint64_t size() const override { return file_.size(); }

 private:
  static constexpr std::size_t window_bytes = 64 * 1024;

  const File& file_;
  std::vector<std::byte>& window_;
  mutable std::uint64_t start_ = 0;
};

}  // namespace

void check_pixels(Size size, std::int64_t max_pixels) {
  if (std::int64_t{size.width} * size.height <= max_pixels) return;
  throw Error(ErrorKind::data, fmt::format("the image has {} pixels, more than max_pixels {}",
                                           to_string(size), max_pixels))
      .help("raise max_pixels if the file can be trusted");
}

Header read_header(std::span<const std::byte> bytes, std::string_view path,
                   std::int64_t max_pixels) {
  return with_file(path,
                   [&] { return header_of(MemoryBytes(bytes), bytes.size(), path, max_pixels); });
}

Header read_header_of(const std::string& path, std::int64_t max_pixels) {
  const File file(path);
  thread_local std::vector<std::byte> window;  // keeps its memory between images
  return with_file(
      path, [&] { return header_of(FileBytes(file, window), file.size(), path, max_pixels); });
}

Image decode(std::span<const std::byte> bytes, std::string_view path, bool apply_orientation,
             bool allow_truncated) {
  const Header header = read_header(bytes, path);
  return with_file(path, [&] {
    Image stored = make_image(header.stored);
    JpegRows rows;
    if (header.format == Format::png)
      decode_png(bytes, stored.view(), allow_truncated);
    else
      decode_jpeg(bytes, stored.view(), allow_truncated, rows);
    if (!apply_orientation || header.orientation == 1) return stored;
    Image oriented = make_image(header.oriented());
    copy_oriented(stored.view(), header.orientation, oriented.view());
    return oriented;
  });
}

}  // namespace pinfeed::image
