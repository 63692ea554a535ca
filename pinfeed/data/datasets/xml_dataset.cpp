// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.4.
#include <algorithm>
#include <cmath>

#include "pinfeed/annotations/xml_file.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/xml_dataset.h"
#include "pinfeed/image/codec/codec.h"

namespace pinfeed {
namespace {

// A 1-based coordinate as a 0-based one. Upstream converts all four, also xmax and ymax.
double zero_based(double written) { return std::trunc(written) - 1.0; }

class XmlReader {
 public:
  XmlReader(const XMLDataset& params, std::vector<std::string> classes, BadRecords rule)
      : params_(&params),
        classes_(std::move(classes)),
        rule_(rule),
        list_(join_path(params.data_root, params.ann_file)),
        root_(join_path(params.data_root, params.data_prefix.sub_data_root)) {}

  AnnotationStore run() {
    std::int64_t line = 0;
    for (const std::string& id : lines_of_file(list_)) {
      ++line;
      read_or_mark_bad(id, line);
    }
    store_.shrink_to_fit();
    is_empty_ = store_.images.empty();
    return std::move(store_);
  }
  /// What was left out, after run().
  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    if (is_empty_ && filtered_ == 0) texts.push_back(list_ + " lists no images");
    if (is_empty_ && filtered_ > 0) {
      texts.push_back(list_ + ": filter_cfg leaves none of " + std::to_string(filtered_) +
                      " images");
    }
    if (other_names_ > 0) {
      texts.push_back(list_ + ": " + std::to_string(other_names_) +
                      (other_names_ == 1 ? " object" : " objects") +
                      " left out, of names that are no classes; the first is '" +
                      first_other_name_ + "' in " + first_other_file_);
    }
    return texts;
  }

 private:
  void read_or_mark_bad(const std::string& id, std::int64_t line) {
    try {
      require_file_name(id, list_ + ":" + std::to_string(line));
      read(id);
    } catch (const Error& error) {
      if (rule_ == BadRecords::raise || error.kind() != ErrorKind::data) throw;
      const std::string name = join_path(params_->img_subdir, id + ".jpg");
      store_.add({.path = join_path(root_, name), .name_size = name.size(), .id_text = id});
      store_.mark_bad(store_.images.back(), error);
    }
  }

  void read(const std::string& id) {
    const std::string name = join_path(params_->img_subdir, id + ".jpg");
    const std::string path = join_path(root_, name);
    const XmlImage image =
        read_xml_file(join_path(root_, join_path(params_->ann_subdir, id + ".xml")));
    const Size size = image.has_size ? image.size : image::read_header_of(path).oriented();
    std::vector<Instance> instances;
    for (std::size_t i = 0; i < image.objects.size(); ++i) {
      if (!add(image.objects[i], i, instances)) count_other_name(image.objects[i], id);
    }
    if (!keeps(size, instances)) {
      ++filtered_;
      return;
    }
    store_.add({.path = path,
                .name_size = name.size(),
                .id_text = id,
                .annotated = size,
                .instances = instances});
  }

  void count_other_name(const XmlObject& object, const std::string& id) {
    if (other_names_++ > 0) return;
    first_other_name_ = object.name;
    first_other_file_ = join_path(params_->ann_subdir, id + ".xml");
  }

  // False if the name is no class.
  bool add(const XmlObject& object, std::size_t number, std::vector<Instance>& instances) const {
    const auto found = std::find(classes_.begin(), classes_.end(), object.name);
    if (found == classes_.end()) return false;
    Instance instance{.x1 = zero_based(object.xmin),
                      .y1 = zero_based(object.ymin),
                      .x2 = zero_based(object.xmax),
                      .y2 = zero_based(object.ymax),
                      .label = found - classes_.begin(),
                      .annotation = static_cast<std::int64_t>(number),
                      .ignore = object.difficult};
    if (params_->filter_cfg && params_->filter_cfg->bbox_min_size) {
      const double min_size = *params_->filter_cfg->bbox_min_size;
      const double width = instance.x2 - instance.x1;
      instance.ignore = instance.ignore || width < min_size || instance.y2 - instance.y1 < min_size;
    }
    instances.push_back(instance);
    return true;
  }

  bool keeps(Size size, const std::vector<Instance>& instances) const {
    if (params_->test_mode || !params_->filter_cfg) return true;
    if (params_->filter_cfg->filter_empty_gt && instances.empty()) return false;
    return std::min(size.width, size.height) >= params_->filter_cfg->min_size;
  }

  const XMLDataset* params_;
  std::vector<std::string> classes_;
  BadRecords rule_;
  std::string list_;
  std::string root_;
  AnnotationStore store_ = {};
  bool is_empty_ = false;
  std::int64_t filtered_ = 0;
  std::int64_t other_names_ = 0;
  std::string first_other_name_ = {};
  std::string first_other_file_ = {};
};

void check_bbox_min_size(const XMLDataset& params) {
  if (!params.test_mode || !params.filter_cfg || !params.filter_cfg->bbox_min_size) return;
  throw Error(ErrorKind::config, "bbox_min_size is for training: test_mode=True ignores no object");
}

}  // namespace

void describe(Schema<XMLPrefix>& schema) {
  schema
      .optional("sub_data_root", &XMLPrefix::sub_data_root,
                "folder of img_subdir and ann_subdir, below data_root")
      .accepted("img_path", "upstream reads the images from sub_data_root");
}

void describe(Schema<XMLFilter>& schema) {
  schema
      .optional("filter_empty_gt", &XMLFilter::filter_empty_gt,
                "leave out images without any object of the classes")
      .optional("min_size", &XMLFilter::min_size,
                "leave out images with a shorter side below it, pixels")
      .optional("bbox_min_size", &XMLFilter::bbox_min_size,
                "mark objects with a side below it as ignored, pixels");
}

void describe(Schema<XMLDataset>& schema) {
  schema.summary("Images and boxes of annotation files in PASCAL VOC's format, one for each image.")
      .include<RecordKeys>()
      .meaning("ann_file", "a text file with the name of an image on each line, below data_root")
      .meaning("metainfo",
               "dict(classes=('name', ...)): the classes to use, in the order of labels")
      .optional("data_prefix", &XMLDataset::data_prefix,
                "dict(sub_data_root='folder of img_subdir and ann_subdir')")
      .optional("filter_cfg", &XMLDataset::filter_cfg, "which images training leaves out")
      .optional("img_subdir", &XMLDataset::img_subdir, "folder of the images NAME.jpg")
      .optional("ann_subdir", &XMLDataset::ann_subdir, "folder of the files NAME.xml")
      .include<DetectionKeys>()
      .check(check_bbox_min_size);
}

Dataset make_xml_dataset(const XMLDataset& params, const std::string& name,
                         std::vector<std::string> classes, const BuildContext& context) {
  if (params.ann_file.empty()) {
    throw Error(ErrorKind::config, "ann_file is ''; a list of images is needed");
  }
  XmlReader reader(params, classes, context.bad_records);
  AnnotationStore store = reader.run();
  Dataset dataset = dataset_of(params, name, std::move(store));
  for (std::string& warning : reader.warnings()) dataset.warnings.push_back(std::move(warning));
  dataset.metainfo.classes = std::move(classes);
  dataset.metainfo.others = other_metainfo(params);
  return with_pipeline(std::move(dataset), params, Field::path | Field::instances, context);
}

Dataset make(const XMLDataset& params, const BuildContext& context) {
  auto classes = written_classes(params);
  if (classes) return make_xml_dataset(params, XMLDataset::name, std::move(*classes), context);
  throw Error(ErrorKind::config, "XMLDataset needs the names of the classes")
      .help("metainfo=dict(classes=('name', ...))");
}

}  // namespace pinfeed
