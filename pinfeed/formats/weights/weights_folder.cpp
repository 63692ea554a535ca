// SPDX-License-Identifier: Apache-2.0
// Source of the names: mmengine/hub/torchvision_0.12.json and openmmlab.json.
#include "pinfeed/formats/weights/weights_folder.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

struct NamedWeights {
  std::string_view name;
  std::string_view file;
};

constexpr std::string_view torchvision_server = "https://download.pytorch.org/models/";
constexpr std::array<NamedWeights, 5> torchvision_files = {
    {{"resnet18", "resnet18-f37072fd.pth"},
     {"resnet34", "resnet34-b627a593.pth"},
     {"resnet50", "resnet50-0676ba61.pth"},
     {"resnet101", "resnet101-63fe2227.pth"},
     {"resnet152", "resnet152-394f9c45.pth"}}};

constexpr std::string_view openmmlab_server =
    "https://download.openmmlab.com/pretrain/third_party/";
constexpr std::array<NamedWeights, 7> openmmlab_files = {
    {{"detectron/resnet50_caffe", "resnet50_caffe-788b5fa3.pth"},
     {"detectron2/resnet50_caffe", "resnet50_msra-5891d200.pth"},
     {"detectron/resnet101_caffe", "resnet101_caffe-3ad79236.pth"},
     {"detectron2/resnet101_caffe", "resnet101_msra-6cc46731.pth"},
     {"contrib/resnet50_gn", "resnet50_gn_thangvubk-ad1730dd.pth"},
     {"detectron/resnet50_gn", "resnet50_gn-9186a21c.pth"},
     {"detectron/resnet101_gn", "resnet101_gn-cac0ab98.pth"}}};

// The address of a name behind "torchvision://" or "open-mmlab://"; empty for an unknown one.
template <class Files>
std::string address_of(const Files& files, std::string_view server, std::string_view name) {
  for (const NamedWeights& entry : files) {
    if (entry.name == name) return std::string(server) + std::string(entry.file);
  }
  return "";
}

template <class Files>
[[noreturn]] void throw_unknown_name(const Files& files, const std::string& checkpoint) {
  std::string known;
  for (const NamedWeights& entry : files)
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  throw Error(ErrorKind::config, "cannot load " + checkpoint + ": the name is not known")
      .help("the names are " + known + "; or give the path of a file");
}

// The address of the file on its server; nothing for a path.
std::optional<std::string> address(const std::string& checkpoint) {
  const std::size_t scheme_end = checkpoint.find("://");
  if (scheme_end == std::string::npos) return std::nullopt;
  const std::string scheme = checkpoint.substr(0, scheme_end);
  const std::string name = checkpoint.substr(scheme_end + 3);
  const bool vision = scheme == "torchvision";
  if (!vision && scheme != "open-mmlab") return checkpoint;
  const std::string found = vision ? address_of(torchvision_files, torchvision_server, name)
                                   : address_of(openmmlab_files, openmmlab_server, name);
  if (!found.empty()) return found;
  if (vision) throw_unknown_name(torchvision_files, checkpoint);
  throw_unknown_name(openmmlab_files, checkpoint);
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

std::string weights_folder() {
  const char* folder = std::getenv("PINFEED_WEIGHTS");
  return folder != nullptr ? folder : "";
}

std::string local_weights(const std::string& checkpoint, const std::string& folder) {
  const std::optional<std::string> server = address(checkpoint);
  if (!server) {
    const bool elsewhere = !checkpoint.empty() && checkpoint.front() != '/' && !folder.empty() &&
                           !exists(checkpoint) && exists(in_folder(folder, checkpoint));
    return elsewhere ? in_folder(folder, checkpoint) : checkpoint;
  }
  const std::string name = server->substr(server->rfind('/') + 1);
  if (!folder.empty() && !name.empty() && exists(in_folder(folder, name)))
    return in_folder(folder, name);
  const std::string where = folder.empty() ? "" : ", and " + folder + " has no file " + name;
  const std::string place =
      folder.empty() ? "name its folder with --weights-dir or PINFEED_WEIGHTS" : "put it there";
  throw Error(ErrorKind::config,
              "cannot load " + checkpoint + ": pinfeed downloads nothing" + where)
      .help("fetch it with `curl -LO " + *server + "` and " + place +
            ", or give the path of a file");
}

}  // namespace pinfeed
