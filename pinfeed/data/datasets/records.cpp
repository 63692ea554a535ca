// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1.
#include "pinfeed/data/datasets/records.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>

#include "pinfeed/core/file.h"
#include "pinfeed/data/datasets/annotation_store.h"

namespace pinfeed {
namespace {

// Upstream's `indices`: the first n images, the last n, or exactly those listed.
void apply_indices(const RecordKeys& params, std::vector<StoredImage>& images) {
  if (!params.indices) return;
  const auto size = static_cast<std::int64_t>(images.size());
  if (const auto* count = std::get_if<std::int64_t>(&*params.indices)) {
    const std::int64_t selected = std::min(*count < 0 ? -*count : *count, size);
    const auto first = *count < 0 ? images.end() - selected : images.begin();
    images = std::vector<StoredImage>(first, first + selected);
    return;
  }
  std::vector<StoredImage> chosen;
  for (const std::int64_t index : std::get<std::vector<std::int64_t>>(*params.indices)) {
    if (index < -size || index >= size) {
      throw Error(ErrorKind::config, "indices holds " + std::to_string(index) +
                                         "; the data set has " + std::to_string(size) + " images");
    }
    chosen.push_back(images[static_cast<std::size_t>(index < 0 ? index + size : index)]);
  }
  images = std::move(chosen);
}

}  // namespace

void describe(Schema<RecordKeys>& schema) {
  schema.optional("ann_file", &RecordKeys::ann_file, "the annotation file, below data_root")
      .optional("data_root", &RecordKeys::data_root, "folder that relative paths start from")
      .optional("metainfo", &RecordKeys::metainfo, "dict(classes=('name', ...))")
      .optional("indices", &RecordKeys::indices,
                "the first n images, the last n (negative), or exactly those of a list")
      .optional("pipeline", &RecordKeys::pipeline, "the steps that plan a sample")
      .optional("test_mode", &RecordKeys::test_mode, "filter no images, and never replace a sample")
      .optional("max_refetch", &RecordKeys::max_refetch, "replacements tried for a dropped sample",
                between(0, 1'000'000))
      .accepted("serialize_data", "records are always stored in shared constant columns")
      .accepted("lazy_init", "the records are read when the data set is made");
}

void describe(Schema<DetectionKeys>& schema) {
  schema.optional("backend_args", &DetectionKeys::backend_args, "where files are stored")
      .accepted("seg_map_suffix", "semantic maps are not read")
      .refused("proposal_file", "proposals are not read")
      .refused("return_classes", "texts of classes are not given to models")
      .refused("caption_prompt", "texts of classes are not given to models")
      .refused("file_client_args", "files are read from the local file system only");
}

std::vector<std::string> lines_of_file(const std::string& path) {
  std::istringstream text(read_regular_text(path, ErrorKind::data));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    while (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

void require_file_name(const std::string& line, const std::string& position) {
  if (!line.empty() && line.find('\0') == std::string::npos) return;
  throw Error(ErrorKind::data, position + (line.empty() ? " is empty" : " has a null character") +
                                   "; each line names an image");
}

std::optional<std::vector<std::string>> written_classes(const RecordKeys& params) {
  if (!params.metainfo) return std::nullopt;
  if (!params.metainfo->is_dict()) throw wrong_type(*params.metainfo, "metainfo", "dict");
  const Value* written = params.metainfo->find("classes");
  if (written == nullptr || written->is_none()) return std::nullopt;
  if (!written->is_string()) {
    return convert<std::vector<std::string>>(*written, "metainfo.classes");
  }
  std::error_code none;
  if (std::filesystem::is_regular_file(written->string(), none)) {
    return lines_of_file(written->string());
  }
  throw Error(ErrorKind::config,
              "classes is '" + written->string() + "', which is neither a file nor a list of names")
      .at(written->span())
      .inside("metainfo.classes")
      .help("a tuple of one name has a comma: classes=('" + written->string() + "',)");
}

Dict other_metainfo(const RecordKeys& params) {
  Dict others;
  if (params.metainfo) others = params.metainfo->dict();
  others.erase("classes");
  return others;
}

Dataset dataset_of(const RecordKeys& params, const std::string& name, AnnotationStore store) {
  Dataset dataset{.name = name};
  dataset.test_mode = params.test_mode;
  dataset.max_refetch = params.max_refetch;
  dataset.ann_file = join_path(params.data_root, params.ann_file);
  const bool had_images = !store.images.empty();
  apply_indices(params, store.images);
  if (had_images && store.images.empty()) {
    dataset.warnings.push_back(dataset.ann_file + ": indices leaves no image");
  }
  dataset.labels = store.labels();
  const auto records = std::make_shared<const AnnotationStore>(std::move(store));
  dataset.size = static_cast<std::int64_t>(records->images.size());
  const std::string root = params.data_root.empty() ? "" : join_path(params.data_root, "");
  dataset.get = [records, root](std::int64_t index, Arena& arena) {
    Sample sample = sample_of(*records, index, arena);
    sample.path_in_root = sample.img_path;
    if (!root.empty() && sample.img_path.starts_with(root))
      sample.path_in_root.remove_prefix(root.size());
    return sample;
  };
  return dataset;
}

Dataset with_pipeline(Dataset dataset, const RecordKeys& params, Fields gives,
                      const BuildContext& context) {
  std::vector<Transform> steps = make_steps(params.pipeline, context);
  dataset.metainfo.normalized = std::any_of(
      steps.begin(), steps.end(), [](const Transform& step) { return step.name == "Normalize"; });
  set_pipeline(dataset, std::move(steps), gives);
  return dataset;
}

}  // namespace pinfeed
