// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/expression/render.h"
#include "tests/image/bad_images.h"

namespace pinfeed::image {
namespace {

TEST(Header, RefusesAnEmptyFile) {
  EXPECT_EQ(header_error({}), "error: the file is empty\n  while reading a/b.jpg\n");
}

TEST(Header, RefusesAFileThatIsNotAnImage) {
  EXPECT_EQ(header_error(bytes_in("<html>")),
            "error: not an image: the file begins with 3c 68 74 6d\n  while reading a/b.jpg\n");
  EXPECT_EQ(header_error(Text(1, std::byte{0})),
            "error: not an image: the file begins with 00\n  while reading a/b.jpg\n");
}

std::string other_format(const std::string& name, const std::string& coder) {
  return "error: the image is " + name +
         "; JPEG and PNG can be read\n"
         "  while reading a/b.jpg\n"
         "help: convert it under its name, as ImageMagick does: convert '" +
         coder + ":a/b.jpg[0]' 'png:a/b.jpg'\n";
}

TEST(Header, QuotesThePathInTheCommandOfAConversion) {
  EXPECT_EQ(data_error([] { read_header(bytes_in("GIF89a"), "it's; a.jpg"); }),
            "error: the image is GIF; JPEG and PNG can be read\n"
            "  while reading it's; a.jpg\n"
            "help: convert it under its name, as ImageMagick does: "
            "convert 'gif:it'\\''s; a.jpg[0]' 'png:it'\\''s; a.jpg'\n");
}

TEST(Header, NamesOtherFormats) {
  EXPECT_EQ(header_error(bytes_in("RIFF1234WEBPVP8 ")), other_format("WebP", "webp"));
  EXPECT_EQ(header_error(bytes_in("GIF89a")), other_format("GIF", "gif"));
  EXPECT_EQ(header_error(bytes_in("BM123456")), other_format("BMP", "bmp"));
  EXPECT_EQ(header_error(bytes_in(std::string("II*\0abcd", 8))), other_format("TIFF", "tiff"));
  EXPECT_EQ(header_error(bytes_in(std::string("MM\0*abcd", 8))), other_format("TIFF", "tiff"));
  EXPECT_EQ(header_error(bytes_in(std::string("\0\0\0\x1C"
                                              "ftypavif",
                                              12))),
            other_format("AVIF", "avif"));
}

// A JPEG whose header gives a size that its pixels do not have.
Text huge_jpeg() {
  Text bytes = golden("rgb_444.jpg");
  for (std::size_t i = 0; i + 9 < bytes.size(); ++i) {
    if (bytes[i] != std::byte{0xFF} || bytes[i + 1] != std::byte{0xC0}) continue;
    for (const std::size_t at : {i + 5, i + 7}) {
      bytes[at] = std::byte{65500 >> 8};
      bytes[at + 1] = std::byte{65500 & 0xFF};
    }
    return bytes;
  }
  return bytes;
}

TEST(Header, RefusesAHugeImageBeforeAllocating) {
  const std::string message =
      "error: the image has 65500x65500 pixels, more than max_pixels 268435456\n"
      "  while reading a/b.jpg\n"
      "help: raise max_pixels if the file can be trusted\n";
  EXPECT_EQ(header_error(huge_jpeg()), message);
  EXPECT_EQ(decode_error(huge_jpeg()), message);
}

TEST(Header, AcceptsALimitOfPixels) {
  const Text bytes = golden("rgb_444.jpg");
  EXPECT_EQ(data_error([&] { read_header(bytes, "a.jpg", 101 * 75 - 1); }),
            "error: the image has 101x75 pixels, more than max_pixels 7574\n"
            "  while reading a.jpg\n"
            "help: raise max_pixels if the file can be trusted\n");
  EXPECT_NO_THROW(read_header(bytes, "a.jpg", 101 * 75));
}

TEST(Header, RefusesATruncatedHeader) {
  EXPECT_EQ(header_error(truncated(golden("rgb_444.jpg"), 100)),
            "error: JPEG ends early: within its header, the file has 100 bytes\n  while reading "
            "a/b.jpg\n");
  EXPECT_EQ(
      header_error(truncated(golden("rgb.png"), 20)),
      "error: PNG ends early: within its header, the file has 20 bytes\n  while reading a/b.jpg\n");
}

TEST(Header, RefusesAJpegWithoutAFrame) {
  EXPECT_EQ(header_error(bytes_in(std::string("\xFF\xD8\xFF\xD9", 4))),
            "error: JPEG has no frame header before its pixels\n  while reading a/b.jpg\n");
}

TEST(Header, RefusesAnImageWithoutPixels) {
  Text bytes = golden("rgb.png");
  std::fill_n(bytes.begin() + 16, 4, std::byte{0});
  EXPECT_EQ(
      header_error(bytes),
      "error: the image has 0x23 pixels; both sides must be at least 1\n  while reading a/b.jpg\n");
}

TEST(Header, ReadsPastLargeMetadata) {
  const Text plain = golden("rgb_444.jpg");
  std::string comments = "\xFF\xD8";
  for (int i = 0; i < 3; ++i) comments += "\xFF\xFE\xFF\xFF" + std::string(65533, 'x');
  const Text bytes = comments + Text(plain.begin() + 2, plain.end());
  const std::string path = testing::TempDir() + fmt::format("large_metadata_{}.jpg", ::getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  EXPECT_EQ(read_header_of(path).stored, (Size{101, 75}));
  EXPECT_EQ(read_header_of(path).file_bytes, bytes.size());
  std::filesystem::remove(path);
}

TEST(Decode, GivesTheReasonForABrokenPng) {
  Text bytes = golden("rgb.png");
  bytes[60] ^= std::byte{0xFF};
  EXPECT_EQ(decode_error(bytes).substr(0, 30), "error: PNG cannot be decoded: ");
}

TEST(Decode, GivesTheReasonForABrokenJpeg) {
  Text bytes = golden("rgb_444.jpg");
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == std::byte{0xFF} && bytes[i + 1] == std::byte{0xC0})
      bytes[i + 1] = std::byte{0xC3};
  }
  EXPECT_EQ(decode_error(bytes),
            "error: JPEG cannot be decoded: Unsupported JPEG process: SOF type 0xc3\n"
            "  while reading a/b.jpg\n");
}

TEST(Render, RefusesAFileThatHasChangedSincePlanning) {
  const Text bytes = golden("rgb_444.jpg");
  Encoded encoded{.path = "a.jpg", .header = read_header(bytes, "a.jpg"), .bytes = bytes};
  encoded.header.stored = {99, 75};
  Arena arena;
  EXPECT_EQ(
      data_error([&] { render(decoded(&encoded, arena)); }),
      "error: the image is 101x75, it was 99x75 when it was planned\n  while reading a.jpg\n");
}

TEST(Resized, RefusesASizeWithoutPixels) {
  const Image image = noise({4, 3}, 3, 0);
  Arena arena;
  EXPECT_EQ(data_error([&] {
              resized(plain(image.view(), arena), {0, 5}, Interpolation::bilinear);
            }),
            "error: cannot resize an image of 4x3 to 0x5\n");
}

// Paths that are not regular files.
class NotAFile : public testing::Test {
 protected:
  NotAFile() { std::filesystem::create_directories(folder_); }
  ~NotAFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string error_for(const std::string& path) {
    return data_error([&] { read_header_of(path); });
  }

 private:
  std::string folder_ = testing::TempDir() + fmt::format("no_file_{}", ::getpid());
};

TEST_F(NotAFile, MayBeMissing) {
  EXPECT_EQ(error_for(path("a.jpg")),
            "error: cannot open " + path("a.jpg") + ": No such file or directory\n");
}

TEST_F(NotAFile, MayBeAFolder) {
  EXPECT_EQ(error_for(path("")), "error: " + path("") + " is a folder, not an image file\n");
}

TEST_F(NotAFile, MayBeAPipe) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_for(path("pipe")), "error: " + path("pipe") + " is a pipe, not an image file\n");
}

TEST_F(NotAFile, MayBeADevice) {
  EXPECT_EQ(error_for("/dev/zero"), "error: /dev/zero is a device, not an image file\n");
}

TEST_F(NotAFile, MayBeALinkToItself) {
  std::filesystem::create_symlink("loop", path("loop"));
  EXPECT_EQ(error_for(path("loop")),
            "error: cannot open " + path("loop") + ": Too many levels of symbolic links\n");
}

TEST_F(NotAFile, CannotBeWritten) {
  const Image image = noise({4, 3}, 3, 0);
  for (const auto& write : {+[](const Image&i, const std::string&p) { write_jpeg(i, p); },
                            +[](const Image&i, const std::string&p) { write_png(i, p); }}) {
    const CaughtError caught = caught_from([&] { write(image, path("none/a.jpg")); });
    EXPECT_EQ(caught.kind, ErrorKind::system);
    EXPECT_EQ(caught.message,
              "error: cannot write " + path("none/a.jpg") + ": No such file or directory\n");
  }
}

TEST_F(NotAFile, IsCreatedByWriting) {
  const Image image = noise({33, 21}, 3, 0);
  write_png(image, path("a.png"));
  EXPECT_EQ(crc32_of(decode(bytes_of(path("a.png")), "a.png")), crc32_of(image));
  write_jpeg(image, path("a.jpg"), 100);
  EXPECT_EQ(decode(bytes_of(path("a.jpg")), "a.jpg").size(), image.size());
}

}  // namespace
}  // namespace pinfeed::image
