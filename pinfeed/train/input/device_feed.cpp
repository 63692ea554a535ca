// SPDX-License-Identifier: Apache-2.0
//
// Double buffering. While the model computes on batch i, batch i + 1 is copied to the device:
//   1. send(): the batch is in one page-locked host slot. The valid image sizes and the boxes and
//      labels are appended to it, so that one asynchronous copy on the copy stream transfers
//      everything. The host slot goes back to the loader when that copy has ended.
//   2. receive(): torch's current stream waits for the copy (by an event; the host does not wait),
//      normalises the bytes to floats, and copies the boxes and labels into a tensor of their own.
//      An event marks the device slot as free after these reads.
//   3. next() receives the batch that an earlier call sent, and then sends the following one if the
//      loader has it ready, so that the copy overlaps with the kernels of the training step.
// Two device slots suffice: one is read while the other is filled. The order between the streams is
// given by the events in memory/transfer.h; this file only decides what is copied when.
#include "pinfeed/train/input/device_feed.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/train/input/batch_data.h"
#include "pinfeed/train/input/batch_identity.h"
#include "pinfeed/train/input/host_feed.h"
#include "pinfeed/train/input/packed_samples.h"
#include "pinfeed/train/input/preprocessor.h"

namespace pinfeed {
namespace {

constexpr int device_slots = 2;  // one is read while the other is filled

bool are_in(const Buffer& slot, const std::vector<Tensor>& images) {
  return std::all_of(images.begin(), images.end(),
                     [&slot](const Tensor& image) { return image.buffer.data() == slot.data(); });
}

// The handle of torch's current stream. Older versions of torch do not give it; there the current
// stream is always the default stream, whose handle is null.
template <class Torch>
void* native_stream(const Torch& torch_streams, torch::Device device) {
  if constexpr (requires {
                  torch_streams.getStreamNativeHandle(torch_streams.getStream(device));
                }) {
    return torch_streams.getStreamNativeHandle(torch_streams.getStream(device));
  } else {
    return nullptr;
  }
}

}  // namespace

// What the loader has returned and next() has not yet: a batch, the end of an epoch, or an error.
struct DeviceFeed::Prefetched {
  LoaderState position = {};
  std::exception_ptr error = {};
  std::optional<Batch> batch = {};        // preprocessed by the host
  std::optional<InFlightCopy> copy = {};  // to the device; the members below describe it
  const std::byte* host_slot = nullptr;
  KernelPlan pixels = {};
  std::vector<DetDataSample> samples = {};
  std::size_t sizes_offset = 0;  // of the valid sizes in the slot; the samples' tensors follow
  std::size_t end = 0;           // of the last tensor

  std::size_t tensors_offset() const {
    return sizes_offset + pixels.valid.size() * sizeof(ValidSize);
  }
};

DeviceFeed::DeviceFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                       torch::Device device, Allocator device_memory)
    : Feed(*loader),
      loader_(std::move(loader)),
      preprocessing_(std::move(preprocessing)),
      device_(device),
      device_memory_(std::move(device_memory)) {
  if (device_.is_cpu()) host_stream_.emplace();
}

DeviceFeed::~DeviceFeed() = default;

std::optional<ModelInput> DeviceFeed::load_next() {
  if (!prefetched_) prefetch();
  Prefetched now = std::move(*std::exchange(prefetched_, nullptr));
  if (now.error) std::rethrow_exception(now.error);
  std::optional<ModelInput> input;
  if (now.batch) input = model_input(std::move(*now.batch), preprocessing_, device_);
  if (now.copy) input = receive(std::move(now));
  if (input && loader_->ready()) prefetch();
  return input;
}

LoaderState DeviceFeed::position() const {
  return prefetched_ ? prefetched_->position : loader_->state();
}

BatchIdentity DeviceFeed::identify_next() {
  const LoaderState next = position();
  BatchIdentity identity = identity_of(*loader_, next);
  seek(next);
  return identity;
}

void DeviceFeed::seek_batch(const LoaderState& position) {
  prefetched_.reset();
  loader_->seek(position);
}

void DeviceFeed::prefetch() {
  auto prefetched = std::make_unique<Prefetched>(Prefetched{.position = loader_->state()});
  try {
    if (std::optional<Batch> batch = loader_->next()) send(std::move(*batch), *prefetched);
  } catch (...) {
    prefetched->error = std::current_exception();  // thrown by next() at this position
  }
  prefetched_ = std::move(prefetched);
}

void DeviceFeed::send(Batch batch, Prefetched& prefetched) {
  const Buffer bytes = batch.bytes();
  const std::vector<Tensor> images = images_of(batch.data());
  std::optional<KernelPlan> pixels = kernel_plan(preprocessing_, images);
  if (!pixels || !are_in(bytes, images)) {
    prefetched.batch = std::move(batch);
    return;
  }
  prefetched.host_slot = bytes.data();
  prefetched.pixels = std::move(*pixels);
  prefetched.samples = data_samples_of(batch.data(), padding_of(preprocessing_, images));
  prefetched.sizes_offset = rounded_up(bytes.size, cache_line_bytes);
  prefetched.end = end_of_packed(prefetched.samples, prefetched.tensors_offset());
  if (prefetched.end > batch.capacity()) {  // the loader did not reserve memory for the boxes
    prefetched.batch = std::move(batch);
    return;
  }
  std::memcpy(bytes.data() + prefetched.sizes_offset, prefetched.pixels.valid.data(),
              prefetched.tensors_offset() - prefetched.sizes_offset);
  pack(prefetched.samples, prefetched.tensors_offset(), bytes.data());
  if (!transfer_)
    transfer_.emplace(
        BatchBufferRing(device_memory_, device_slots, batch.capacity(), MemoryKind::device));
  prefetched.copy.emplace(*transfer_->send(batch.take_slot(), prefetched.end));
  ++sent_;
}

Stream DeviceFeed::torch_stream() {
  if (host_stream_) return *host_stream_;
  return Stream::borrowed(native_stream(c10::impl::VirtualGuardImpl(device_.type()), device_));
}

// The device slot is free when the stream has read it.
ModelInput DeviceFeed::receive(Prefetched prefetched) {
  const Stream stream = torch_stream();
  const Buffer slot = prefetched.copy->use_on(stream);
  const auto bytes = torch::TensorOptions(torch::kByte).device(device_);
  const auto length = static_cast<std::int64_t>(prefetched.end - prefetched.sizes_offset);
  const torch::Tensor tensors = torch::empty({length}, bytes);
  copy_async({slot.data() + prefetched.sizes_offset, prefetched.end - prefetched.sizes_offset},
             static_cast<std::byte*>(tensors.data_ptr()), stream);
  const Shape& shape = prefetched.pixels.shape;
  ModelInput input{.images = torch::empty(torch::IntArrayRef(shape.begin(), shape.end()),
                                          torch::TensorOptions(torch::kFloat).device(device_)),
                   .data_samples = std::move(prefetched.samples)};
  normalize(prefetched, slot, input.images, stream);
  unpack(input.data_samples, prefetched.tensors_offset(), tensors, prefetched.sizes_offset);
  prefetched.copy.reset();
  if (host_stream_) synchronize(stream);
  return input;
}

void DeviceFeed::normalize(const Prefetched& prefetched, const Buffer& slot, torch::Tensor& images,
                           const Stream& stream) const {
  const Shape& shape = prefetched.pixels.shape;
  const std::int64_t floats = shape[1] * shape[2] * shape[3];
  const auto* valid = reinterpret_cast<const ValidSize*>(slot.data() + prefetched.sizes_offset);
  auto* to = images.data_ptr<float>();
  for (PixelBatch part : prefetched.pixels.parts) {
    const auto* host = reinterpret_cast<const std::byte*>(part.pixels);
    part.pixels =
        reinterpret_cast<const std::uint8_t*>(slot.data() + (host - prefetched.host_slot));
    part.valid = valid;
    normalize_pixels(part, prefetched.pixels.rule, {to, DType::float32, false, shape[2], shape[3]},
                     stream);
    valid += part.count;
    to += part.count * floats;
  }
}

}  // namespace pinfeed
