// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/copy_stored.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "pinfeed/models/torch_parallel.h"

namespace pinfeed {
namespace {

constexpr std::int64_t part_bytes = 1 << 20;

const std::byte* first_byte(const at::Tensor& tensor) {
  return static_cast<const std::byte*>(tensor.const_data_ptr());
}

std::span<std::byte> bytes_to_fill(at::Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()};
}

// For another type or device: part by part. Both tensors are contiguous.
void copy_parts(const MappedFile& file, const at::Tensor& stored, const at::Tensor& ours) {
  const std::int64_t elements = std::min(stored.numel(), part_bytes / stored.element_size());
  at::Tensor part = at::empty({elements}, stored.options());
  const at::Tensor target = ours.view({-1});
  for (std::int64_t done = 0; done < stored.numel(); done += elements) {
    at::Tensor now = part.narrow(0, 0, std::min(elements, stored.numel() - done));
    file.read(first_byte(stored) + done * stored.element_size(), bytes_to_fill(now));
    target.narrow(0, done, now.numel()).copy_(now);
  }
}

}  // namespace

void StoredCopies::add(const at::Tensor& stored, at::Tensor ours) {
  const at::NoGradGuard no_gradients;
  if (targets_.contains(first_byte(ours))) run();  // the last copy into a shared tensor counts
  if (stored.numel() == 0 || !file_.contains(first_byte(stored))) {
    ours.copy_(stored);
  } else if (!stored.is_contiguous() || !ours.is_contiguous()) {
    ours.copy_(read_stored(file_, stored));
  } else if (!ours.is_cpu() || ours.scalar_type() != stored.scalar_type()) {
    copy_parts(file_, stored, ours);
  } else {
    const std::span<std::byte> all = bytes_to_fill(ours);
    targets_.insert(all.data());
    for (std::size_t at = 0; at < all.size(); at += part_bytes) {
      const std::size_t size = std::min<std::size_t>(part_bytes, all.size() - at);
      parts_.push_back({first_byte(stored) + at, all.subspan(at, size)});
    }
  }
}

void StoredCopies::run() {
  in_parallel(std::ssize(parts_), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Part& part = parts_[static_cast<std::size_t>(i)];
      file_.read(part.from, part.to);
    }
  });
  parts_.clear();
  targets_.clear();
}

at::Tensor read_stored(const MappedFile& file, const at::Tensor& stored) {
  if (stored.numel() == 0 || !file.contains(first_byte(stored))) return stored;
  std::int64_t reach = 1;  // elements from the first to behind the last one
  for (std::int64_t axis = 0; axis < stored.dim(); ++axis)
    reach += (stored.size(axis) - 1) * stored.stride(axis);
  at::Tensor copy = at::empty({reach}, stored.options());
  file.read(first_byte(stored), bytes_to_fill(copy));
  return copy.as_strided(stored.sizes(), stored.strides());
}

}  // namespace pinfeed
