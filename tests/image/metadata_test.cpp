// SPDX-License-Identifier: Apache-2.0
// Metadata of image files (texts, profiles, EXIF) does not decide how much memory is used.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "pinfeed/image/codec/codec.h"
#include "tests/image/bad_images.h"

namespace pinfeed::image {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

std::size_t status_bytes(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::size_t kib = 0;
    if (key == wanted + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

// How much the peak of this process' memory rises above what it uses now.
template <class Function>
std::size_t peak_of(const Function& function) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what is in use now
  const std::size_t before = status_bytes("VmRSS");
  function();
  const std::size_t peak = status_bytes("VmHWM");
  return peak - std::min(peak, before);
}

void append_number(std::string& text, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) text += static_cast<char>(value >> shift);
}

// A PNG chunk with its checksum.
std::string chunk(const std::string& name, const std::string& content) {
  const std::string checked = name + content;
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : checked) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  std::string text;
  append_number(text, static_cast<std::uint32_t>(content.size()));
  text += checked;
  append_number(text, crc ^ 0xFFFFFFFFU);
  return text;
}

// The letter 'a' 258 times `runs` + 1, as a zlib stream with fixed codes: 13 bits per 258 bytes.
std::string deflated_letters(std::size_t runs) {
  std::string stream("\x78\x9C");
  unsigned bits = 0;
  unsigned count = 0;
  const auto put = [&](unsigned bit) {
    bits |= bit << count;
    if (++count < 8) return;
    stream += static_cast<char>(bits);
    bits = count = 0;
  };
  const auto put_code = [&](unsigned code, unsigned length) {  // the highest bit first
    while (length-- > 0) put(code >> length & 1U);
  };
  for (const unsigned bit : {1U, 1U, 0U}) put(bit);  // the last block, fixed codes
  put_code(0x30 + 'a', 8);
  for (std::size_t i = 0; i < runs; ++i) {
    put_code(0xC5, 8);  // 258 bytes
    put_code(0, 5);     // of the byte before
  }
  put_code(0, 7);
  while (count != 0) put(0);
  std::uint64_t sum = 1;
  std::uint64_t sums = 0;
  for (std::size_t i = 0; i < 1 + 258 * runs; ++i) {
    sum = (sum + 'a') % 65521;
    sums = (sums + sum) % 65521;
  }
  append_number(stream, static_cast<std::uint32_t>(sums << 16U | sum));
  return stream;
}

// The golden image with more chunks behind its header.
Text png_with(const std::string& chunks) {
  Text bytes = golden("rgb.png");
  const auto* first = reinterpret_cast<const std::byte*>(chunks.data());
  constexpr std::ptrdiff_t header_end = 8 + 12 + 13;
  bytes.insert(bytes.begin() + header_end, first, first + chunks.size());
  return bytes;
}

std::string texts(std::size_t count, std::size_t runs) {
  const std::string text = chunk("zTXt", std::string("comment\0\0", 9) + deflated_letters(runs));
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// A file in a temporary folder.
struct StoredFile {
  explicit StoredFile(const Text& bytes)
      : path(std::filesystem::temp_directory_path() /
             ("pinfeed-metadata-" + std::to_string(::getpid()))) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }
  ~StoredFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

TEST(PngTexts, AreNotInflatedIntoMemory) {
  const std::uint32_t expected = crc32_of(decode(golden("rgb.png"), "a.png"));
  for (const auto& [count, runs] : {std::pair(4, 40'000), std::pair(300, 1'000)}) {
    const Text bytes =
        png_with(texts(static_cast<std::size_t>(count), static_cast<std::size_t>(runs)));
    EXPECT_LT(peak_of([&] { EXPECT_EQ(crc32_of(decode(bytes, "a.png")), expected); }),
              bytes.size() + 24 * mib);
  }
}

TEST(PngTexts, OfUsualSizeChangeNoPixel) {
  EXPECT_EQ(crc32_of(decode(png_with(texts(1, 10)), "a.png")),
            crc32_of(decode(golden("rgb.png"), "a.png")));
}

TEST(PngTexts, InATruncatedFileLeaveItTruncated) {
  const Text whole = png_with(texts(1, 40'000));
  EXPECT_NE(decode_error(truncated(whole, whole.size() - 100)).find("PNG ends early"),
            std::string::npos);
}

TEST(HeaderOfAFile, BehindLargeMetadataIsReadWithoutIt) {
  const Text png = png_with(chunk("teSt", std::string(16 * mib, 'x')));
  std::string segments;
  for (int i = 0; i < 250; ++i)
    segments += std::string("\xFF\xE2\xFF\xFF", 4) + std::string(65533, 'x');
  Text jpeg = golden("rgb_444.jpg");
  const auto* first = reinterpret_cast<const std::byte*>(segments.data());
  jpeg.insert(jpeg.begin() + 2, first, first + segments.size());
  for (const Text& bytes : {png, jpeg}) {
    const StoredFile file(bytes);
    Header header;
    EXPECT_LT(peak_of([&] { header = read_header_of(file.path); }), 8 * mib);
    const Header expected = read_header(bytes, "a");
    EXPECT_EQ(header.stored, expected.stored);
    EXPECT_EQ(header.orientation, expected.orientation);
    EXPECT_EQ(header.file_bytes, bytes.size());
  }
}

TEST(HeaderOfAFile, IsThatOfItsBytesWhereverTheWindowEnds) {
  for (std::size_t size = 65'500; size < 65'560; size += 3) {
    const Text bytes =
        png_with(chunk("teSt", std::string(size - 45, 'x')) +
                 chunk("eXIf", std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0"
                                           "\x01\0\x06\0\0\0\0\0\0",
                                           26)));
    const StoredFile file(bytes);
    EXPECT_EQ(read_header_of(file.path).orientation, 6) << size;
  }
}

}  // namespace
}  // namespace pinfeed::image
