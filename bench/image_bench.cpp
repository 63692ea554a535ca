// SPDX-License-Identifier: Apache-2.0
// Milliseconds per image on one core. PINFEED_BENCH_JPEG names the file to decode; without it a
// file is generated with 4.2 bits per pixel, as photographs have.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/core/file.h"
#include "pinfeed/core/random.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed::image {
namespace {

Image noise(Size size) {
  Image image = make_image(size);
  Mt19937 generator(0);
  auto* bytes = image.pixels.data_as<std::uint8_t>();
  for (std::size_t i = 0; i < image.pixels.bytes(); ++i)
    bytes[i] = static_cast<std::uint8_t>(generator.next() >> 24);
  return image;
}

void render_again(benchmark::State& state, const ImageExpr& image) {
  const Image out = make_image(image.size(), image.channels(), image.dtype());
  Scratch scratch;
  for (auto _ : state) {
    render(image, out.view(), scratch);
    benchmark::ClobberMemory();
  }
}

void resize_and_flip(benchmark::State& state, Size from, Size to) {
  const Image image = noise(from);
  Arena arena;
  const ImageExpr expr = resized(plain(image.view(), arena), to, Interpolation::bilinear);
  render_again(state, flipped(expr, FlipDirection::horizontal));
}

void upscale(benchmark::State& state) { resize_and_flip(state, {640, 427}, {1200, 800}); }
void downscale(benchmark::State& state) { resize_and_flip(state, {1200, 800}, {640, 427}); }
void halve(benchmark::State& state) { resize_and_flip(state, {1280, 854}, {640, 427}); }

void upscale_and_normalize(benchmark::State& state) {
  const Image image = noise({640, 427});
  Arena arena;
  const ImageExpr expr = resized(plain(image.view(), arena), {1200, 800}, Interpolation::bilinear);
  render_again(state, normalized(expr, {{123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F}}));
}

void flip_alone(benchmark::State& state) {
  const Image image = noise({1200, 800});
  Arena arena;
  render_again(state, flipped(plain(image.view(), arena), FlipDirection::horizontal));
}

void copy_alone(benchmark::State& state) {
  const Image image = noise({1200, 800});
  Arena arena;
  render_again(state, padded(plain(image.view(), arena), {1216, 800}, {0, 0, 0}));
}

// The warp of Mosaic and RandomAffine.
void warp_mosaic(benchmark::State& state) {
  const Image image = noise({1280, 1280});
  Arena arena;
  render_again(state,
               warped(plain(image.view(), arena), {1.1, 0.15, -420, -0.12, 1.05, -310, 0, 0, 1},
                      {640, 640}, {114, 114, 114}));
}

void shrink_as_pillow(benchmark::State& state) {
  const Image image = noise({490, 330});
  Arena arena;
  render_again(state, resized(plain(image.view(), arena), {224, 224}, Interpolation::bicubic,
                              Library::pillow));
}

// A file and its header.
struct Stored {
  Buffer file = {};
  std::span<const std::byte> bytes = {};  // of the file
  Encoded encoded = {};
};

std::string generated_file() {
  const std::string path = std::filesystem::temp_directory_path() / "pinfeed_image_bench.jpg";
  const Image coarse = noise({320, 214});
  Arena arena;
  write_jpeg(render(resized(plain(coarse.view(), arena), {640, 427}, Interpolation::bilinear)),
             path);
  return path;
}

void read_stored(Stored& stored) {
  const char* named = std::getenv("PINFEED_BENCH_JPEG");
  const std::string path = named != nullptr ? named : generated_file();
  stored.file = read_bytes(path, ErrorKind::data);
  stored.bytes = {stored.file.data(), stored.file.size};
  stored.encoded = {.header = read_header(stored.bytes, path), .bytes = stored.bytes};
}

void header_alone(benchmark::State& state) {
  Stored stored;
  read_stored(stored);
  for (auto _ : state) benchmark::DoNotOptimize(read_header(stored.bytes, ""));
}

void decode_alone(benchmark::State& state) {
  Stored stored;
  Arena arena;
  read_stored(stored);
  render_again(state, decoded(&stored.encoded, arena));
}

void decode_upper_half(benchmark::State& state) {
  Stored stored;
  read_stored(stored);
  Arena arena;
  const Size size = stored.encoded.header.oriented();
  render_again(state,
               cropped(decoded(&stored.encoded, arena), {0, 0, size.width, size.height / 2}));
}

void decode_middle(benchmark::State& state) {
  Stored stored;
  read_stored(stored);
  Arena arena;
  const Size size = stored.encoded.header.oriented();
  const Rect window = {size.width / 4, size.height / 4, size.width / 2, size.height / 2};
  render_again(state, resized(cropped(decoded(&stored.encoded, arena), window), {224, 224},
                              Interpolation::bilinear));
}

void decode_and_upscale(benchmark::State& state) {
  Stored stored;
  read_stored(stored);
  Arena arena;
  const ImageExpr image =
      resized(decoded(&stored.encoded, arena), {1200, 800}, Interpolation::bilinear);
  render_again(state, flipped(image, FlipDirection::horizontal));
}

BENCHMARK(upscale)->Unit(benchmark::kMillisecond);
BENCHMARK(downscale)->Unit(benchmark::kMillisecond);
BENCHMARK(halve)->Unit(benchmark::kMillisecond);
BENCHMARK(upscale_and_normalize)->Unit(benchmark::kMillisecond);
BENCHMARK(flip_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(warp_mosaic)->Unit(benchmark::kMillisecond);
BENCHMARK(shrink_as_pillow)->Unit(benchmark::kMillisecond);
BENCHMARK(header_alone)->Unit(benchmark::kMicrosecond);
BENCHMARK(decode_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_upper_half)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_middle)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_and_upscale)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinfeed::image

BENCHMARK_MAIN();
