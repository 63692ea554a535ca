// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/torch_device.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include "pinfeed/memory/device.h"
#include "pinfeed/schemas/device_name.h"

namespace pinfeed {

torch::Device named_device(const std::string& word, int count) {
  if (word == "cpu" || (word == "auto" && count == 0)) return torch::kCPU;
  const std::optional<int> index = word == "auto" ? 0 : cuda_index(word);
  if (!index) {
    throw Error(ErrorKind::config,
                "--device is '" + word + "'; it must be auto, cpu, cuda or cuda:N");
  }
  if (count == 0) {
    throw Error(ErrorKind::device, "--device " + word + ": torch finds no CUDA device")
        .help("use --device cpu, or a torch that was built for CUDA");
  }
  if (*index >= count) {
    throw Error(ErrorKind::device, fmt::format("--device {}: torch finds {} CUDA device{}", word,
                                               count, count == 1 ? "" : "s"))
        .help(count == 1 ? "use --device cuda:0"
                         : fmt::format("use --device cuda:0 to cuda:{}", count - 1));
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(*index)};
}

torch::Device chosen_device(const std::string& word) {
  const torch::Device device = named_device(word, static_cast<int>(torch::cuda::device_count()));
  if (!device.is_cuda()) return device;
  c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  if (backend() == "cuda") choose_device(device.index());
  return device;
}

std::optional<Error> device_failure(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
    return Error(ErrorKind::device, "the device is out of memory: " + text)
        .help("lower batch_size, or the size of the images");
  }
  for (const char* pattern : {"CUDA error", "CUDA driver error", "cuDNN error", "CUDNN_STATUS",
                              "CUBLAS_STATUS", "CUSOLVER_STATUS"}) {
    if (text.find(pattern) == std::string::npos) continue;
    return Error(ErrorKind::device, text.substr(0, text.find('\n')));  // the rest is advice
  }
  return std::nullopt;
}

std::optional<Error> host_memory_failure(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  const std::size_t allocator = text.find("DefaultCPUAllocator");
  if (allocator == std::string::npos) return std::nullopt;
  constexpr std::string_view before_size = "you tried to allocate ";
  const std::size_t begin = text.find(before_size, allocator);
  if (begin == std::string::npos) return out_of_host_memory("torch could not allocate memory");
  const std::string rest = text.substr(begin + before_size.size());
  return out_of_host_memory("torch could not allocate " +
                            rest.substr(0, rest.find_first_not_of("0123456789")) + " bytes");
}

Error out_of_host_memory(const std::string& what) {
  return Error(ErrorKind::system, "out of memory: " + what)
      .help("lower batch_size, the size of the images, or pinfeed.prefetch");
}

}  // namespace pinfeed
