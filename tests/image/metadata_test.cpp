// SPDX-License-Identifier: Apache-2.0
// Metadata of image files (texts, profiles, EXIF) does not decide how much memory is used.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "pinfeed/image/codec/codec.h"
#include "tests/image/encoded_parts.h"
#include "tests/peak_memory.h"
#include "tests/temporary_folder.h"

namespace pinfeed::image {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

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
  stream += big_endian_word(sums << 16U | sum);
  return stream;
}

// The golden image with more chunks behind its header.
Text png_with(const Text& chunks) {
  const Text bytes = golden("rgb.png");
  constexpr std::ptrdiff_t header_end = 8 + 12 + 13;
  return Text(bytes.begin(), bytes.begin() + header_end) + chunks +
         Text(bytes.begin() + header_end, bytes.end());
}

Text texts(std::size_t count, std::size_t runs) {
  const Text text = png_chunk_of("zTXt", std::string("comment\0\0", 9) + deflated_letters(runs));
  Text all;
  for (std::size_t i = 0; i < count; ++i) all = all + text;
  return all;
}

// A file in a temporary folder.
struct StoredFile {
  explicit StoredFile(const Text& bytes) : path(folder.write("a", text_of(bytes))) {}
  test::TemporaryFolder folder;
  std::string path;
};

TEST(PngTexts, AreNotInflatedIntoMemory) {
  const std::uint32_t expected = crc32_of(decode(golden("rgb.png"), "a.png"));
  for (const auto& [count, runs] : {std::pair(4, 40'000), std::pair(300, 1'000)}) {
    const Text bytes =
        png_with(texts(static_cast<std::size_t>(count), static_cast<std::size_t>(runs)));
    EXPECT_LT(test::peak_memory_of([&] { EXPECT_EQ(crc32_of(decode(bytes, "a.png")), expected); }),
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
  const Text png = png_with(png_chunk_of("teSt", std::string(16 * mib, 'x')));
  std::string segments;
  for (int i = 0; i < 250; ++i)
    segments += std::string("\xFF\xE2\xFF\xFF", 4) + std::string(65533, 'x');
  Text jpeg = golden("rgb_444.jpg");
  const auto* first = reinterpret_cast<const std::byte*>(segments.data());
  jpeg.insert(jpeg.begin() + 2, first, first + segments.size());
  for (const Text& bytes : {png, jpeg}) {
    const StoredFile file(bytes);
    Header header;
    EXPECT_LT(test::peak_memory_of([&] { header = read_header_of(file.path); }), 8 * mib);
    const Header expected = read_header(bytes, "a");
    EXPECT_EQ(header.stored, expected.stored);
    EXPECT_EQ(header.orientation, expected.orientation);
    EXPECT_EQ(header.file_bytes, bytes.size());
  }
}

TEST(HeaderOfAFile, IsThatOfItsBytesWhereverTheWindowEnds) {
  for (std::size_t size = 65'500; size < 65'560; size += 3) {
    const Text bytes =
        png_with(png_chunk_of("teSt", std::string(size - 45, 'x')) +
                 png_chunk_of("eXIf", std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0"
                                                  "\x01\0\x06\0\0\0\0\0\0",
                                                  26)));
    const StoredFile file(bytes);
    EXPECT_EQ(read_header_of(file.path).orientation, 6) << size;
  }
}

}  // namespace
}  // namespace pinfeed::image
