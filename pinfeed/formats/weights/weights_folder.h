// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// The folder in which weights are looked up: the environment variable PINFEED_WEIGHTS, which
/// `--weights-dir` sets; empty if there is none.
std::string weights_folder();

/// The local file of a checkpoint that a config names. A path that exists is that file.
/// `torchvision://resnet50`, `open-mmlab://detectron/resnet50_caffe` and URLs are files in
/// `folder`, with the name that they have on their server; so are relative paths that do not exist.
/// Nothing is downloaded: throws Error(config) that names the file to fetch. A path that exists
/// nowhere is returned unchanged.
std::string local_weights(const std::string& checkpoint, const std::string& folder);

}  // namespace pinfeed
