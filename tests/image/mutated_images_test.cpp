// SPDX-License-Identifier: Apache-2.0
// Damaged files, from fixed seeds: each gives an error of kind data or an image of the size that
// its header said, and no damage of a PNG's pixels goes unnoticed.
#include <gtest/gtest.h>

#include <random>

#include "tests/image/encoded_parts.h"

namespace pinfeed::image {
namespace {

// Whether the file can be decoded. Fails the test for errors of another kind.
bool is_decoded(const Text& bytes) {
  try {
    const Header header = read_header(bytes, "a");
    const Image image = decode(bytes, "a");
    EXPECT_EQ(to_string(image.size()), to_string(header.oriented()));
    EXPECT_GE(header.orientation, 1);
    EXPECT_LE(header.orientation, 8);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data) << error.message();
    return false;
  }
}

Text flipped(Text bytes, std::size_t byte, unsigned bit) {
  bytes[byte] ^= static_cast<std::byte>(1U << bit);
  return bytes;
}

TEST(DamagedPng, AFlippedBitOfThePixelsIsAnError) {
  for (const char* name : {"rgb.png", "palette.png", "one_bit.png", "grey_16.png"}) {
    const PngParts parts = png_parts(golden(name));
    const Text whole = parts.start + parts.pixels + parts.end;
    ASSERT_TRUE(is_decoded(whole)) << name;
    std::mt19937 random(1);
    for (int i = 0; i < 400; ++i) {
      const std::size_t at = parts.start.size() + random() % parts.pixels.size();
      EXPECT_FALSE(is_decoded(flipped(whole, at, random() % 8))) << name << " " << at;
    }
  }
}

// The last bytes of the compressed data are read only after the last row.
TEST(DamagedPng, TheLastChunkOfPixelsIsChecked) {
  const PngParts parts = png_parts(golden("rgb.png"));
  const std::string data = data_of(parts.pixels);
  const auto file = [&](const Text& pixels) { return parts.start + pixels + parts.end; };
  const Text rest = png_chunk_of("IDAT", data.substr(data.size() - 4));
  const Text most = png_chunk_of("IDAT", data.substr(0, data.size() - 4));
  EXPECT_TRUE(is_decoded(file(most + rest)));
  EXPECT_EQ(decode_error(file(most + with_wrong_checksum(rest))),
            fmt::format("error: PNG cannot be decoded: its IDAT chunk at byte {} has a wrong "
                        "checksum\n  while reading a/b.jpg\n",
                        parts.start.size() + most.size()));
  const Text cut = parts.start + truncated(parts.pixels, parts.pixels.size() - 2);
  EXPECT_EQ(decode_error(cut), fmt::format("error: PNG ends early: the file has {} bytes\n"
                                           "  while reading a/b.jpg\n",
                                           cut.size()));
}

// 8 x 8 black pixels in seven passes, not compressed.
Text interlaced() {
  const std::string rows(79, '\0');
  const std::string stored = std::string("\x78\x01\x01\x4F\0\xB0\xFF", 7) + rows;
  const std::string data = stored + big_endian_word(79U << 16U | 1U);
  const std::string header =
      big_endian_word(8) + big_endian_word(8) + std::string("\x08\0\0\0\x01", 5);
  const Text signature = bytes_in(std::string("\x89PNG\r\n\x1A\n"));
  return signature + png_chunk_of("IHDR", header) + png_chunk_of("IDAT", data) +
         png_chunk_of("IEND", "");
}

// OpenCV 4.8 and 4.14 refuse it too, wherever the chunks begin.
TEST(DamagedPng, AWrongChecksumOfThePixelsInsideRightChunksIsAnError) {
  for (const Text& file :
       {golden("rgb.png"), golden("palette.png"), golden("grey_16.png"), interlaced()}) {
    const PngParts parts = png_parts(file);
    std::string data = data_of(parts.pixels);
    for (std::size_t last = 1; last < 12; ++last) {  // bytes of the last chunk
      const auto pixels = [&] {
        return png_chunk_of("IDAT", data.substr(0, data.size() - last)) +
               png_chunk_of("IDAT", data.substr(data.size() - last));
      };
      ASSERT_TRUE(is_decoded(parts.start + pixels() + parts.end)) << last;
      data.back() ^= 1;
      EXPECT_EQ(decode_error(parts.start + pixels() + parts.end),
                "error: PNG cannot be decoded: the checksum of its pixels is wrong, or they cannot "
                "be decompressed\n  while reading a/b.jpg\n")
          << last;
      data.back() ^= 1;
    }
  }
}

// OpenCV 4.8 and 4.14 refuse it where all pixels are in one chunk.
TEST(DamagedPng, WithoutTheChecksumOfThePixelsIsAnError) {
  for (const Text& file :
       {golden("rgb.png"), golden("palette.png"), golden("grey_16.png"), interlaced()}) {
    const PngParts parts = png_parts(file);
    const std::string data = data_of(parts.pixels);
    for (const std::size_t piece : {data.size(), std::size_t{70}}) {
      for (std::size_t missing = 1; missing <= 4; ++missing) {
        const std::string cut = data.substr(0, data.size() - missing);
        const Text bytes = parts.start + in_chunks(cut, piece) + parts.end;
        EXPECT_EQ(decode_error(bytes), fmt::format("error: PNG ends early: the file has {} bytes\n"
                                                   "  while reading a/b.jpg\n",
                                                   bytes.size()))
            << missing << " " << piece;
        EXPECT_EQ(crc32_of(decode(bytes, "a.png", true, true)), crc32_of(decode(file, "a.png")));
      }
    }
  }
}

// libpng warns of them.
TEST(DamagedPng, MayHaveBytesBehindItsCompressedPixels) {
  const PngParts parts = png_parts(golden("rgb.png"));
  const Text pixels = png_chunk_of("IDAT", data_of(parts.pixels) + "more");
  EXPECT_EQ(crc32_of(decode(parts.start + pixels + parts.end, "a.png")),
            crc32_of(decode(golden("rgb.png"), "a.png")));
}

TEST(DamagedPng, WithoutItsEndIsTruncated) {
  const Text whole = golden("rgb.png");
  const Image expected = decode(whole, "a.png");
  for (std::size_t missing = 1; missing <= 12; ++missing) {  // bytes of the IEND chunk
    const Text bytes = truncated(whole, whole.size() - missing);
    EXPECT_EQ(decode_error(bytes), fmt::format("error: PNG ends early: the file has {} bytes\n"
                                               "  while reading a/b.jpg\n",
                                               bytes.size()));
    EXPECT_EQ(crc32_of(decode(bytes, "a.png", true, true)), crc32_of(expected));
  }
}

TEST(DamagedPng, GivesAnErrorOrAnImage) {
  std::mt19937 random(2);
  for (const char* name : {"rgb.png", "palette_transparent.png", "exif_6.png", "grey_alpha.png"}) {
    const Text whole = golden(name);
    for (int i = 0; i < 300; ++i) {
      Text bytes = whole;
      for (unsigned n = 0; n <= random() % 4; ++n) {
        bytes = flipped(bytes, random() % bytes.size(), random() % 8);
      }
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      is_decoded(bytes);
    }
  }
}

TEST(DamagedJpeg, GivesAnErrorOrAnImage) {
  std::mt19937 random(3);
  for (const char* name : {"rgb_420.jpg", "progressive_420.jpg", "exif_6.jpg", "cmyk.jpg"}) {
    const Text whole = golden(name);
    for (int i = 0; i < 300; ++i) {
      Text bytes = whole;
      const std::size_t reach =
          random() % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 300);
      for (unsigned n = 0; n <= random() % 4; ++n) {
        bytes = flipped(bytes, random() % reach, random() % 8);
      }
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      is_decoded(bytes);
    }
  }
}

// EXIF blocks of random bytes that begin as they should.
TEST(DamagedExif, NeverPreventsDecoding) {
  std::mt19937 random(4);
  const Text jpeg = golden("rgb_420.jpg");
  const PngParts png = png_parts(golden("rgb.png"));
  for (int i = 0; i < 500; ++i) {
    std::string tiff =
        random() % 2 == 0 ? std::string("II*\0\x08\0\0\0", 8) : std::string("MM\0*\0\0\0\x08", 8);
    for (unsigned n = 0; n < random() % 80; ++n) {
      tiff += random() % 3 == 0 ? static_cast<char>(random()) : "\0\x01\x02\x12"[random() % 4];
    }
    Text bytes = jpeg;
    const Text segment = app1_segment(std::string("Exif\0\0", 6) + tiff);
    bytes.insert(bytes.begin() + 2, segment.begin(), segment.end());
    EXPECT_TRUE(is_decoded(bytes)) << i;
    EXPECT_TRUE(is_decoded(png.start + png.pixels + png_chunk_of("eXIf", tiff) + png.end)) << i;
  }
}

}  // namespace
}  // namespace pinfeed::image
