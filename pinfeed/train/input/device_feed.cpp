// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/device_feed.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/train/input/batch_targets.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/input/preprocessor.h"

namespace pinfeed {
namespace {

constexpr int device_slots = 2;  // one is read while the other one is filled

constexpr std::size_t cache_line = cache_line_bytes;

// Calls `visit(tensor, place)` for every tensor of the targets, the first one behind `at`. Returns
// where the last one ends.
template <class Visit>
std::size_t each_tensor(std::vector<Target>& targets, std::size_t at, Visit visit) {
  for (Target& target : targets) {
    for (torch::Tensor* tensor : {&target.boxes, &target.labels, &target.ignored_boxes}) {
      at = rounded_up(at, cache_line);
      visit(*tensor, at);
      at += tensor->nbytes();
    }
  }
  return at;
}

bool lie_in(const Buffer& slot, const std::vector<Tensor>& images) {
  return std::all_of(images.begin(), images.end(),
                     [&slot](const Tensor& image) { return image.buffer.data() == slot.data(); });
}

// Of torch's current stream. Older torches do not tell; nobody here leaves their default stream,
// which is the one without a handle.
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

// What the loader has given and next() has not: a batch, the end of an epoch or an error.
struct DeviceFeed::Ahead {
  LoaderState position = {};
  std::exception_ptr error = {};
  std::optional<Batch> batch = {};           // not for the kernel
  std::optional<InFlightCopy> arrival = {};  // on its way, with all that follows
  const std::byte* start = nullptr;          // of the host slot
  KernelPlan pixels = {};
  std::vector<Target> targets = {};
  std::size_t valid = 0;  // bytes from the slot's start: valid sizes, then the targets' tensors
  std::size_t end = 0;

  std::size_t after_sizes() const { return valid + pixels.valid.size() * sizeof(ValidSize); }
};

DeviceFeed::DeviceFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                       torch::Device device, Allocator device_memory)
    : loader_(std::move(loader)),
      preprocessing_(std::move(preprocessing)),
      device_(device),
      device_memory_(std::move(device_memory)) {
  if (device_.is_cpu()) host_stream_.emplace();
}

DeviceFeed::~DeviceFeed() = default;

std::optional<ModelInput> DeviceFeed::next() {
  if (!ahead_) fetch();
  Ahead now = std::move(*std::exchange(ahead_, nullptr));
  if (now.error) std::rethrow_exception(now.error);
  std::optional<ModelInput> input;
  if (now.batch) input = model_input(std::move(*now.batch), preprocessing_, device_);
  if (now.arrival) input = arrived(std::move(now));
  if (input && loader_->ready()) fetch();
  return input;
}

LoaderState DeviceFeed::position() const { return ahead_ ? ahead_->position : loader_->state(); }

void DeviceFeed::seek(const LoaderState& position) {
  ahead_.reset();
  loader_->seek(position);
}

void DeviceFeed::fetch() {
  auto ahead = std::make_unique<Ahead>(Ahead{.position = loader_->state()});
  try {
    if (std::optional<Batch> batch = loader_->next()) send(std::move(*batch), *ahead);
  } catch (...) {
    ahead->error = std::current_exception();  // thrown in its place
  }
  ahead_ = std::move(ahead);
}

void DeviceFeed::send(Batch batch, Ahead& ahead) {
  const Buffer slot = batch.slot();
  const std::vector<Tensor> images = images_of(batch.data());
  std::optional<KernelPlan> pixels = kernel_plan(preprocessing_, images);
  if (!pixels || !lie_in(slot, images)) {
    ahead.batch = std::move(batch);
    return;
  }
  ahead.start = slot.data();
  ahead.pixels = std::move(*pixels);
  ahead.targets = targets_of(batch.data());
  ahead.valid = rounded_up(batch.plan().layout->bytes(), cache_line);
  ahead.end = each_tensor(ahead.targets, ahead.after_sizes(),
                          [](torch::Tensor& tensor, auto) { tensor = tensor.contiguous(); });
  if (ahead.end > slot.size) {  // boxes that the loader knows nothing of
    ahead.batch = std::move(batch);
    return;
  }
  std::memcpy(slot.data() + ahead.valid, ahead.pixels.valid.data(),
              ahead.after_sizes() - ahead.valid);
  each_tensor(ahead.targets, ahead.after_sizes(), [&](torch::Tensor& tensor, std::size_t at) {
    if (tensor.numel() > 0) std::memcpy(slot.data() + at, tensor.data_ptr(), tensor.nbytes());
  });
  if (!transfer_)
    transfer_.emplace(BatchBufferRing(device_memory_, device_slots, slot.size, MemoryKind::device));
  ahead.arrival.emplace(*transfer_->send(batch.leave_slot(), ahead.end));
  ++travelled_;
}

Stream DeviceFeed::stream_of_torch() {
  if (host_stream_) return *host_stream_;
  return Stream::borrowed(native_stream(c10::impl::VirtualGuardImpl(device_.type()), device_));
}

// The slot is left when the stream has read it.
ModelInput DeviceFeed::arrived(Ahead ahead) {
  const Stream stream = stream_of_torch();
  const Buffer slot = ahead.arrival->use_on(stream);
  const auto bytes = torch::TensorOptions(torch::kByte).device(device_);
  const auto length = static_cast<std::int64_t>(ahead.end - ahead.valid);
  const torch::Tensor tail = torch::empty({length}, bytes);
  copy_async({slot.data() + ahead.valid, ahead.end - ahead.valid},
             static_cast<std::byte*>(tail.data_ptr()), stream);
  const Shape& shape = ahead.pixels.shape;
  ModelInput input{.images = torch::empty(torch::IntArrayRef(shape.begin(), shape.end()),
                                          torch::TensorOptions(torch::kFloat).device(device_)),
                   .targets = std::move(ahead.targets)};
  normalize(ahead, slot, input.images, stream);
  each_tensor(input.targets, ahead.after_sizes(), [&](torch::Tensor& tensor, std::size_t at) {
    const auto first = static_cast<std::int64_t>(at - ahead.valid);
    const auto size = static_cast<std::int64_t>(tensor.nbytes());
    tensor = tail.narrow(0, first, size).view(tensor.scalar_type()).view(tensor.sizes());
  });
  ahead.arrival.reset();
  if (host_stream_) synchronize(stream);
  return input;
}

void DeviceFeed::normalize(const Ahead& ahead, const Buffer& slot, torch::Tensor& images,
                           const Stream& stream) const {
  const Shape& shape = ahead.pixels.shape;
  const std::int64_t floats = shape[1] * shape[2] * shape[3];
  const auto* valid = reinterpret_cast<const ValidSize*>(slot.data() + ahead.valid);
  auto* to = images.data_ptr<float>();
  for (PixelBatch part : ahead.pixels.parts) {
    const auto* host = reinterpret_cast<const std::byte*>(part.pixels);
    part.pixels = reinterpret_cast<const std::uint8_t*>(slot.data() + (host - ahead.start));
    part.valid = valid;
    normalize_pixels(part, ahead.pixels.rule, {to, DType::float32, false, shape[2], shape[3]},
                     stream);
    valid += part.count;
    to += part.count * floats;
  }
}

}  // namespace pinfeed
