// SPDX-License-Identifier: Apache-2.0
// Field numbers are those of TensorBoard's event.proto, summary.proto and tensor.proto.
#include "pinfeed/formats/event_file.h"

#include <array>
#include <bit>
#include <cstring>

namespace pinfeed {
namespace {

enum WireType : std::uint32_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

// A message of protocol buffers, field by field.
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    key(field, varint);
    add_varint(value);
    return *this;
  }
  Message& real(std::uint32_t field, double value) {
    key(field, fixed64);
    add_raw(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  Message& real32(std::uint32_t field, float value) {
    key(field, fixed32);
    add_raw(std::bit_cast<std::uint32_t>(value));
    return *this;
  }
  Message& bytes(std::uint32_t field, std::string_view value) {
    key(field, length_delimited);
    add_varint(value.size());
    text_ += value;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& value) { return bytes(field, value.text_); }
  const std::string& text() const { return text_; }

 private:
  void key(std::uint32_t field, WireType type) { add_varint(field << 3U | type); }
  void add_varint(std::uint64_t value) {
    for (; value >= 128U; value >>= 7U) text_ += static_cast<char>(value | 128U);
    text_ += static_cast<char>(value);
  }
  template <class T>
  void add_raw(T value) {
    std::array<char, sizeof(T)> raw = {};
    std::memcpy(raw.data(), &value, sizeof(T));  // little-endian, as the machine
    text_.append(raw.data(), raw.size());
  }

  std::string text_;
};

std::string event(double time, std::int64_t step, const Message& summary) {
  Message whole;
  whole.real(1, time);
  if (step != 0) whole.number(2, static_cast<std::uint64_t>(step));  // 0 is the default
  return whole.message(5, summary).text();
}

// Metadata of a summary value: the plugin of TensorBoard that shows it.
Message shown_by(std::string_view plugin) {
  return Message().message(1, Message().bytes(1, plugin));
}

// CRC-32C (Castagnoli), by bytes.
constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1U) != 0 ? value >> 1U ^ 0x82F63B78U : value >> 1U;
    table[i] = value;
  }
  return table;
}

// The checksum as records store it: rotated, plus a constant.
std::uint32_t masked_crc(std::string_view bytes) {
  constexpr std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ crc >> 8U;
  crc = ~crc;
  return std::rotr(crc, 15) + 0xA282EAD8U;
}

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

}  // namespace

std::string version_event(double time) {
  return Message().real(1, time).bytes(3, "brain.Event:2").text();
}

std::string scalars_event(double time, std::int64_t step,
                          std::span<const std::pair<std::string, double>> scalars) {
  Message summary;
  for (const auto& [tag, value] : scalars)
    summary.message(1, Message().bytes(1, tag).real32(2, static_cast<float>(value)));
  return event(time, step, summary);
}

std::string text_event(double time, std::int64_t step, std::string_view tag,
                       std::string_view text) {
  constexpr std::uint64_t strings = 7;  // DT_STRING
  const Message shape = Message().message(2, Message().number(1, 1));
  const Message tensor = Message().number(1, strings).message(2, shape).bytes(8, text);
  const Message value = Message().bytes(1, tag).message(8, tensor).message(9, shown_by("text"));
  return event(time, step, Message().message(1, value));
}

std::string image_event(double time, std::int64_t step, std::string_view tag, int width, int height,
                        std::string_view bytes) {
  constexpr std::uint64_t rgb = 3;
  const Message image = Message()
                            .number(1, static_cast<std::uint64_t>(height))
                            .number(2, static_cast<std::uint64_t>(width))
                            .number(3, rgb)
                            .bytes(4, bytes);
  return event(time, step, Message().message(1, Message().bytes(1, tag).message(4, image)));
}

std::string event_record(std::string_view event) {
  const std::string length = raw(static_cast<std::uint64_t>(event.size()));
  return length + raw(masked_crc(length)) + std::string(event) + raw(masked_crc(event));
}

}  // namespace pinfeed
