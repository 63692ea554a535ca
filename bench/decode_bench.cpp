// SPDX-License-Identifier: Apache-2.0
// Decoding JPEGs with libjpeg-turbo against the records of the cache (docs/cache.md). One thread;
// CPU milliseconds per image, the median of rounds in which all arms take turns.
//   decode_bench ROUNDS FILE.jpg ...
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "pinfeed/core/file.h"
#include "pinfeed/core/random.h"
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"

namespace pinfeed::image {
namespace {

double cpu_seconds() {
  std::timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct File {
  std::vector<std::byte> bytes = {};
  std::vector<std::byte> record = {};
  Header header = {};
  Rect crop = {};
};

// MAE's RandomResizedCrop: 0.2 to 1.0 of the area, 3/4 to 4/3 as wide as high.
Rect any_crop(Size size, Mt19937& random) {
  const auto uniform = [&random](double low, double high) {
    return low + (high - low) * (static_cast<double>(random.next()) / 4294967296.0);
  };
  const double area = uniform(0.2, 1.0) * size.width * size.height;
  const double ratio = std::exp(uniform(std::log(0.75), std::log(4.0 / 3.0)));
  const int width = std::clamp(static_cast<int>(std::sqrt(area * ratio)), 1, size.width);
  const int height = std::clamp(static_cast<int>(std::sqrt(area / ratio)), 1, size.height);
  return {static_cast<int>(uniform(0, size.width - width + 1)),
          static_cast<int>(uniform(0, size.height - height + 1)), width, height};
}

// The same coefficients as a progressive file, or the pixels as a file of 4:2:0.
std::vector<std::byte> stored_again(const std::vector<std::byte>& file, bool progressive) {
  jpeg_error_mgr errors = {};
  jpeg_decompress_struct from = {};
  jpeg_compress_struct to = {};
  from.err = to.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&from);
  jpeg_create_compress(&to);
  jpeg_mem_src(&from, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&to, &bytes, &size);
  jpeg_read_header(&from, TRUE);
  if (progressive) {
    jvirt_barray_ptr* coefficients = jpeg_read_coefficients(&from);
    jpeg_copy_critical_parameters(&from, &to);
    jpeg_simple_progression(&to);
    jpeg_write_coefficients(&to, coefficients);
  } else {
    from.out_color_space = JCS_RGB;
    jpeg_start_decompress(&from);
    to.image_width = from.output_width;
    to.image_height = from.output_height;
    to.input_components = 3;
    to.in_color_space = JCS_RGB;
    jpeg_set_defaults(&to);
    jpeg_set_quality(&to, 90, TRUE);
    jpeg_start_compress(&to, TRUE);
    std::vector<unsigned char> row(std::size_t{from.output_width} * 3);
    unsigned char* pixels = row.data();
    while (from.output_scanline < from.output_height) {
      jpeg_read_scanlines(&from, &pixels, 1);
      jpeg_write_scanlines(&to, &pixels, 1);
    }
  }
  jpeg_finish_compress(&to);
  const auto* first = reinterpret_cast<const std::byte*>(bytes);
  std::vector<std::byte> result(first, first + size);
  jpeg_destroy_compress(&to);
  jpeg_destroy_decompress(&from);
  std::free(bytes);
  return result;
}

class Bench {
 public:
  // `all` is measured whole, in crops, and filling.
  void measure(const std::string& name, std::vector<File>& all, int rounds) {
    double file_bytes = 0;
    double record_bytes = 0;
    for (File& file : all) {
      const auto record = reader_.read(file.bytes, file.header);
      file.record.assign(record.begin(), record.end());
      file_bytes += static_cast<double>(file.bytes.size());
      record_bytes += static_cast<double>(file.record.size());
    }
    std::erase_if(all, [](const File& file) { return file.record.empty(); });
    std::map<std::string, std::vector<double>> times;
    Mt19937 random(7);
    for (int round = 0; round < rounds; ++round) {
      for (File& file : all) file.crop = any_crop(file.header.stored, random);
      arm(times["1 libjpeg, whole"], all, [this](File& f) { by_libjpeg(f, whole_of(f)); });
      arm(times["2 record, whole"], all, [this](File& f) { by_record(f, whole_of(f)); });
      arm(times["3 libjpeg, crop"], all, [this](File& f) { by_libjpeg(f, f.crop); });
      arm(times["4 record, crop"], all, [this](File& f) { by_record(f, f.crop); });
      arm(times["5 making the record"], all, [this](File& f) { reader_.read(f.bytes, f.header); });
      arm(times["6 file, whole"], all, [this](File& f) { by_file(f, whole_of(f), false); });
      arm(times["7 file, crop"], all, [this](File& f) { by_file(f, f.crop, false); });
      arm(times["8 file and record, whole"], all,
          [this](File& f) { by_file(f, whole_of(f), true); });
      arm(times["9 file and record, crop"], all, [this](File& f) { by_file(f, f.crop, true); });
    }
    fmt::print("{}: {} files, record {:.3f} of the file\n", name, all.size(),
               record_bytes / file_bytes);
    std::map<std::string, double> median;
    for (auto& [arm_name, values] : times) {
      std::sort(values.begin(), values.end());
      median[arm_name] = values[values.size() / 2];
      fmt::print("  {:<24} {:.3f} ms\n", arm_name.substr(2), 1e3 * median[arm_name]);
    }
    fmt::print("  libjpeg over record: whole {:.2f}x, crops {:.2f}x; over file: {:.2f}x, {:.2f}x\n",
               median["1 libjpeg, whole"] / median["2 record, whole"],
               median["3 libjpeg, crop"] / median["4 record, crop"],
               median["1 libjpeg, whole"] / median["6 file, whole"],
               median["3 libjpeg, crop"] / median["7 file, crop"]);
  }

 private:
  static Rect whole_of(const File& file) {
    return {0, 0, file.header.stored.width, file.header.stored.height};
  }

  static void arm(std::vector<double>& times, std::vector<File>& all,
                  const std::function<void(File&)>& work) {
    const double start = cpu_seconds();
    for (File& file : all) work(file);
    times.push_back((cpu_seconds() - start) / static_cast<double>(all.size()));
  }

  void by_libjpeg(const File& file, Rect crop) {
    row_.resize(static_cast<std::size_t>(file.header.stored.width) * 3);
    jpeg_.open(file.bytes, file.header.stored, false, ChannelOrder::bgr);
    jpeg_.crop_columns(crop.x, crop.width);
    if (crop.y > 0) jpeg_.skip(crop.y);
    for (int y = 0; y < crop.height; ++y) jpeg_.read(row_.data());
    jpeg_.close();
  }

  void by_record(const File& file, Rect crop) {
    row_.resize(static_cast<std::size_t>(file.header.stored.width) * 3);
    rows_.open(file.record, file.header.stored, ChannelOrder::bgr);
    rows_.crop_columns(crop.x, crop.width);
    rows_.skip(crop.y);
    for (int y = 0; y < crop.height; ++y) rows_.read(row_.data());
  }

  void by_file(const File& file, Rect crop, bool with_record) {
    row_.resize(static_cast<std::size_t>(file.header.stored.width) * 3);
    pixels_.open(file.bytes, file.header, false, ChannelOrder::bgr, with_record);
    pixels_.crop_columns(crop.x, crop.width);
    if (crop.y > 0) pixels_.skip(crop.y);
    for (int y = 0; y < crop.height; ++y) pixels_.read(row_.data());
    pixels_.close();
  }

  JpegRows jpeg_;
  jpeg::CoefficientReader reader_;
  jpeg::CoefficientRows rows_;
  jpeg::JpegPixels pixels_;
  std::vector<std::byte> row_;
};

int run(int count, char** arguments) {
  if (count < 3) {
    fmt::print("usage: decode_bench ROUNDS FILE.jpg ...\n");
    return 2;
  }
  std::vector<File> plain;
  std::vector<File> progressive;
  std::vector<File> subsampled;
  for (int i = 2; i < count; ++i) {
    const Buffer buffer = read_bytes(arguments[i], ErrorKind::data);
    File file{.bytes = {buffer.data(), buffer.data() + buffer.size}};
    file.header = read_header(file.bytes, arguments[i]);
    plain.push_back(file);
    for (const bool is_progressive : {true, false}) {
      File again{.bytes = stored_again(file.bytes, is_progressive), .header = file.header};
      again.header.file_bytes = again.bytes.size();
      (is_progressive ? progressive : subsampled).push_back(std::move(again));
    }
  }
  Bench bench;
  const int rounds = std::atoi(arguments[1]);
  bench.measure("as they are", plain, rounds);
  bench.measure("progressive", progressive, rounds);
  bench.measure("4:2:0, quality 90", subsampled, rounds);
  return 0;
}

}  // namespace
}  // namespace pinfeed::image

int main(int count, char** arguments) { return pinfeed::image::run(count, arguments); }
