// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/custom.py, CustomDataset; imagenet.py, ImageNet.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "pinfeed/core/text.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/custom_dataset.h"
#include "pinfeed/data/datasets/imagenet.h"
#include "pinfeed/data/datasets/path_prefix.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {
namespace {

// An image, by its path below the folder.
struct Found {
  std::string name = {};
  std::int32_t label = 0;
};

struct Listing {
  std::vector<Found> images = {};
  std::vector<std::string> classes = {};  // by sub-folder, where labels are read
  std::vector<std::string> empty = {};    // sub-folders without images
};

bool has_extension(const std::string& name, const std::vector<std::string>& extensions) {
  const std::string end = lower_case(name);
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const std::string& one) { return end.ends_with(lower_case(one)); });
}

Error unreadable(const std::string& folder, const std::error_code& reason) {
  return Error(ErrorKind::data, "cannot read the folder " + folder + ": " + reason.message());
}

// Images at any depth, sorted by their path as a text. Files whose name starts with a dot do not
// count; folders do, as they do upstream.
std::vector<std::string> images_below(const std::string& folder, const CustomDataset& params) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink,
                                      failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    const std::string file = at->path().filename().string();
    std::error_code none;
    if (file.starts_with('.') || !at->is_regular_file(none)) continue;
    if (has_extension(file, params.extensions)) {
      names.push_back(at->path().lexically_relative(folder).string());
    }
  }
  if (failed) throw unreadable(folder, failed);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> folders_in(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    std::error_code none;
    if (at->is_directory(none)) names.push_back(at->path().filename().string());
  }
  if (failed) throw unreadable(folder, failed);
  std::sort(names.begin(), names.end());
  return names;
}

Listing found_below(const std::string& folder, const CustomDataset& params) {
  Listing listing;
  if (!params.with_label) {
    for (std::string& name : images_below(folder, params)) {
      listing.images.push_back({.name = std::move(name)});
    }
    return listing;
  }
  listing.classes = folders_in(folder);
  for (std::size_t i = 0; i < listing.classes.size(); ++i) {
    const std::string& own = listing.classes[i];
    const std::vector<std::string> names = images_below(join_path(folder, own), params);
    if (names.empty()) listing.empty.push_back(own);
    for (const std::string& name : names) {
      listing.images.push_back({own + "/" + name, static_cast<std::int32_t>(i)});
    }
  }
  return listing;
}

// "folder/a.png 3": the label is the last word.
Found labelled(const std::string& line, const std::string& place) {
  const std::string text(trimmed(line));
  const std::size_t blank = text.rfind(' ');
  Found found{.name = text.substr(0, blank)};
  const std::string word = blank == std::string::npos ? "" : text.substr(blank + 1);
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), found.label);
  if (failed == std::errc() && end == word.data() + word.size()) return found;
  throw Error(ErrorKind::data, place + ": '" + text + "' does not end in a label")
      .help("a line is 'folder/image.jpg 3'; with_label=False reads lines without labels");
}

Listing listed_in(const std::string& path, const CustomDataset& params) {
  Listing listing;
  for (const std::string& line : lines_of_file(path)) {
    const std::string place = path + ":" + std::to_string(listing.images.size() + 1);
    listing.images.push_back(params.with_label ? labelled(line, place) : Found{.name = line});
  }
  return listing;
}

std::vector<std::string> classes_of(const CustomDataset& params, const Listing& listing,
                                    const std::string& folder) {
  std::optional<std::vector<std::string>> written = written_classes(params);
  if (!written && params.classes) {
    const auto* file = std::get_if<std::string>(&*params.classes);
    written = file != nullptr ? lines_of_file(*file)
                              : std::get<std::vector<std::string>>(*params.classes);
  }
  if (!written) return listing.classes;
  const bool agree = listing.classes.empty() || written->size() == listing.classes.size();
  if (agree) return std::move(*written);
  throw Error(ErrorKind::data, folder + " has " + std::to_string(listing.classes.size()) +
                                   " sub-folders; the config names " +
                                   std::to_string(written->size()) + " classes");
}

Dataset make_folder(const CustomDataset& params, const std::string& name,
                    const BuildContext& context) {
  const std::string folder = prefix_of(params);
  const Listing listing = params.ann_file.empty()
                              ? found_below(folder, params)
                              : listed_in(join_path(params.data_root, params.ann_file), params);
  if (listing.images.empty() && params.ann_file.empty()) {
    throw Error(ErrorKind::data, "no images below " + folder)
        .help("the extensions are " + joined(params.extensions));
  }
  AnnotationStore store;
  store.has_gt_labels = params.with_label;
  for (const Found& found : listing.images) {
    store.add({.path = join_path(folder, found.name),
               .name_size = found.name.size(),
               .gt_label = found.label});
  }
  store.shrink_to_fit();
  Dataset dataset = dataset_of(params, name, std::move(store));
  if (params.ann_file.empty()) dataset.ann_file.clear();
  if (!listing.empty.empty()) {
    dataset.warnings.push_back(folder + ": no images in " + joined(listing.empty));
  }
  dataset.metainfo.classes = classes_of(params, listing, folder);
  dataset.metainfo.others = others_of(params);
  const Fields label = params.with_label ? Fields(Field::gt_label) : Fields();
  return with_pipeline(std::move(dataset), params, Fields(Field::path) | label, context);
}

template <class T>
void describe_folder(Schema<T>& schema) {
  describe_records(schema, "a text file with an image on each line, and its label; none: all files",
                   "dict(classes=('name', ...)); the sub-folders when absent");
  describe_prefix(schema);
  schema
      .optional("with_label", own<T>(&CustomDataset::with_label),
                "labels by sub-folder, or the last word of each line of ann_file")
      .optional("extensions", own<T>(&CustomDataset::extensions), "which files are images")
      .optional("classes", own<T>(&CustomDataset::classes),
                "the names, or a file with one on each line; metainfo counts before it")
      .accepted("filter_cfg", "upstream's class filters nothing");
}

}  // namespace

void describe(Schema<CustomDataset>& schema) {
  schema.summary("The images below a folder, or those that a text file lists.");
  describe_folder(schema);
  schema.check([](const CustomDataset& params) {
    const bool named = !params.ann_file.empty() || !prefix_of(params).empty();
    if (named) return;
    throw Error(ErrorKind::config, "one of data_root, data_prefix and ann_file must be given");
  });
}

Dataset make(const CustomDataset& params, const BuildContext& context) {
  return make_folder(params, CustomDataset::name, context);
}

void describe(Schema<ImageNet>& schema) {
  schema.summary("CustomDataset with the folders of ImageNet.");
  describe_folder(schema);
  schema
      .optional("split", &ImageNet::split,
                "'train', 'val' or 'test': the folder, and meta/SPLIT.txt where it is there")
      .check([](const ImageNet& params) {
        const std::vector<std::string> splits = {"", "train", "val", "test"};
        if (std::find(splits.begin(), splits.end(), params.split) != splits.end()) return;
        throw Error(ErrorKind::config,
                    "split is '" + params.split + "'; it must be 'train', 'val' or 'test'");
      });
}

Dataset make(const ImageNet& params, const BuildContext& context) {
  CustomDataset folder = params;
  if (params.split == "test") folder.with_label = false;
  if (!params.split.empty()) {
    if (prefix_of(params) == join_path(params.data_root, "")) folder.data_prefix = params.split;
    const std::string list = "meta/" + params.split + ".txt";
    std::error_code none;
    const bool there = std::filesystem::exists(join_path(params.data_root, list), none);
    if (params.ann_file.empty() && there) folder.ann_file = list;
  }
  return make_folder(folder, ImageNet::name, context);
}

}  // namespace pinfeed
