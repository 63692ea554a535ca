// SPDX-License-Identifier: Apache-2.0
// The images are a data set of their own behind the config's test pipeline, so that they reach the
// model as those of an evaluation do: same steps, same loader, same preprocessor.
#include "pinfeed/train/run/predict.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "pinfeed/config/convert.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/mae_dataset_4ds.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/draw/outline.h"
#include "pinfeed/inspect/detection_picture.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/input/make_feed.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/logging/report.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/loop/host_detections.h"
#include "pinfeed/train/run/built_model.h"

namespace pinfeed {

/// The images of `pinfeed predict`.
struct PredictedImages {
  static constexpr auto name = "PredictedImages";
  std::vector<std::string> paths = {};
  ConfigSteps pipeline = {};
  std::optional<ConfigPart> source = {};  // the data set that the pipeline belongs to
};

void describe(Schema<PredictedImages>& schema) {
  schema.summary("Image files by path.")
      .required("paths", &PredictedImages::paths, "the files")
      .required("pipeline", &PredictedImages::pipeline, "the steps, in order")
      .optional("source", &PredictedImages::source, "the data set that the steps belong to");
}

Dataset make(const PredictedImages& params, const BuildContext& context) {
  const auto paths = std::make_shared<const std::vector<std::string>>(params.paths);
  Dataset dataset{.name = PredictedImages::name, .size = std::ssize(*paths), .test_mode = true};
  dataset.get = [paths](std::int64_t index, Arena& arena) {
    Sample sample(arena);
    sample.fields = Field::path;
    sample.index = sample.img_id = index;
    sample.img_path = sample.file_name = (*paths)[static_cast<std::size_t>(index)];
    return sample;
  };
  std::vector<Transform> steps = make_steps(params.pipeline, context);
  if (params.source &&
      type_of(params.source->value, params.source->path).name == MAEDataset4DS::name) {
    const auto& [value, path] = *params.source;
    use_statistics(schema_of<MAEDataset4DS>().parse(value, path), steps, dataset.metainfo);
  }
  set_pipeline(dataset, std::move(steps), Field::path);
  return dataset;
}

namespace {

constexpr auto predict_section = "predict_dataloader";

// The innermost data set, behind wrappers.
const Value& inner_dataset(const Value& dataset) {
  const Value* inner = dataset.find("dataset");
  return inner != nullptr && inner->is_dict() ? inner_dataset(*inner) : dataset;
}

// The data set whose pipeline is used.
const Value& source_dataset(const Value& config) {
  for (const char* section : {"test_dataloader", "val_dataloader"}) {
    const Value* loader = config.find(section);
    const Value* dataset = loader != nullptr ? loader->find("dataset") : nullptr;
    if (dataset != nullptr && dataset->is_dict()) return inner_dataset(*dataset);
  }
  throw Error(ErrorKind::config, "the config has no test_dataloader and no val_dataloader")
      .help("predict takes the pipeline of one of them");
}

// The steps without those that read annotations.
List prediction_steps(const Value& dataset) {
  const Value* steps = dataset.find("pipeline");
  if (steps == nullptr || !steps->is_sequence())
    throw Error(ErrorKind::config,
                "the data set of the config's test_dataloader or val_dataloader has no pipeline")
        .at(dataset.span());
  List kept;
  for (const Value& step : steps->items()) {
    if (type_of(step, "pipeline").name != "LoadAnnotations") kept.items.push_back(step);
  }
  return kept;
}

Value with_images(Value config, const std::vector<std::string>& paths) {
  List names;
  for (const std::string& path : paths) names.items.emplace_back(path);
  Dict dataset;
  dataset.set("type", PredictedImages::name);
  dataset.set("paths", std::move(names));
  dataset.set("pipeline", prediction_steps(source_dataset(config)));
  dataset.set("source", source_dataset(config));
  Dict sampler;
  sampler.set("type", "DefaultSampler");
  sampler.set("shuffle", false);
  Dict collate;
  collate.set("type", "pseudo_collate");
  Dict loader;
  loader.set("batch_size", std::int64_t{1});
  loader.set("sampler", std::move(sampler));
  loader.set("collate_fn", std::move(collate));
  loader.set("dataset", std::move(dataset));
  config.dict().set(predict_section, std::move(loader));
  return config;
}

// Those of the run that wrote the checkpoint, or else of the config.
std::vector<std::string> class_names(const Value& config, const std::string& checkpoint) {
  const auto names_in = [](const Value* value) {
    return value != nullptr && value->is_sequence()
               ? convert<std::vector<std::string>>(*value, "classes")
               : std::vector<std::string>();
  };
  if (checkpoint.ends_with(".safetensors")) {
    if (const auto state = checkpoint_state(checkpoint)) {
      const auto stored = names_in(state->find("classes"));
      if (!stored.empty()) return stored;
    }
  }
  const Value* metainfo = source_dataset(config).find("metainfo");
  return metainfo != nullptr ? names_in(metainfo->find("classes")) : std::vector<std::string>();
}

std::string name_of_label(const std::vector<std::string>& names, std::int64_t label) {
  const auto at = static_cast<std::size_t>(label);
  return at < names.size() ? names[at] : std::to_string(label);
}

// What was found in one image, on the host, with a score of at least `least`.
struct FoundObject {
  Box box = {};
  double score = 0.0;
  std::int64_t label = 0;
  const RunMask* mask = nullptr;
};

std::vector<FoundObject> objects_of(const Detections& found, double least) {
  const HostDetections host(found);
  std::vector<FoundObject> objects;
  for (std::size_t i = 0; i < host.boxes().size(); ++i) {
    if (host.scores()[i] < least) continue;
    objects.push_back({host.boxes()[i], host.scores()[i], host.labels()[i],
                       i < host.masks().size() ? &host.masks()[i] : nullptr});
  }
  return objects;
}

// The parts of a COCO file.
struct PredictionJson {
  std::string images = {};
  std::string annotations = {};
  std::int64_t count = 0;

  void add_image(std::int64_t id, const std::string& path, Size size) {
    images +=
        fmt::format("{}{{\"id\": {}, \"file_name\": {}, \"width\": {}, \"height\": {}}}",
                    images.empty() ? "" : ", ", id, json_string(path), size.width, size.height);
  }

  void add(std::int64_t image, const FoundObject& object) {
    const Box& box = object.box;
    std::string mask;
    if (object.mask != nullptr) {
      mask = fmt::format(", \"segmentation\": {{\"size\": [{}, {}], \"counts\": {}}}, \"area\": {}",
                         object.mask->size.height, object.mask->size.width,
                         json_string(image::runs_text(object.mask->runs)), area_of(*object.mask));
    }
    annotations += fmt::format(
        "{}{{\"id\": {}, \"image_id\": {}, \"category_id\": {}, \"bbox\": [{}, {}, {}, {}], "
        "\"score\": {}{}}}",
        annotations.empty() ? "" : ", ", ++count, image, object.label, json_number(box.x1),
        json_number(box.y1), json_number(box.x2 - box.x1), json_number(box.y2 - box.y1),
        json_number(object.score), mask);
  }

  std::string text(const std::vector<std::string>& names) const {
    std::string categories;
    for (std::size_t i = 0; i < names.size(); ++i) {
      categories += fmt::format("{}{{\"id\": {}, \"name\": {}}}", i == 0 ? "" : ", ", i,
                                json_string(names[i]));
    }
    return fmt::format("{{\"images\": [{}], \"annotations\": [{}], \"categories\": [{}]}}\n",
                       images, annotations, categories);
  }
};

void draw(const std::string& image, const std::vector<FoundObject>& objects,
          const std::vector<std::string>& names, const std::string& out) {
  PictureSide side{.title = fmt::format("{} objects", objects.size())};
  for (const FoundObject& object : objects) {
    side.objects.push_back(
        {.x1 = object.box.x1,
         .y1 = object.box.y1,
         .x2 = object.box.x2,
         .y2 = object.box.y2,
         .number = static_cast<std::size_t>(object.label),
         .label = fmt::format("{} {:.2f}", name_of_label(names, object.label), object.score),
         .mask = object.mask});
  }
  const Buffer bytes = read_bytes(image, ErrorKind::data);
  image::write_png(
      prediction_picture(image::decode({bytes.data(), bytes.size}, image), image, side), out);
}

// Gives the images to the model, one at a time, in their order.
std::unique_ptr<Feed> feed_of(const Value& config, const PredictArguments& arguments,
                              torch::Device device) {
  Catalogs catalogs = arguments.catalogs;
  catalogs.datasets.add<PredictedImages>();
  LoaderOptions options = loader_options(config);
  options.device = slots_for(device);
  options.on_bad_sample = OnBadSample::raise;  // another image in its place would get its name
  const auto loader =
      std::make_shared<Loader>(make_loader(config, predict_section, catalogs, options));
  std::vector<std::string> warnings;
  const Preprocessing preprocessing =
      for_evaluation(fitted(read_preprocessing(config), loader->dataset().metainfo, warnings));
  if (arguments.print_line)
    for (const std::string& warning : warnings) arguments.print_line("warning: " + warning);
  return make_feed(loader, preprocessing, device);
}

}  // namespace

PredictReport predict_images(const PredictArguments& arguments) {
  const Value config = with_images(arguments.config.root, arguments.images);
  check_model(config, arguments.catalogs.models);
  const torch::Device device = chosen_device(arguments.device);
  const std::shared_ptr<Model> model = model_with_weights(
      config, arguments.catalogs.models, arguments.checkpoint, device, arguments.print_line);
  const std::unique_ptr<Feed> feed = feed_of(config, arguments, device);
  const std::vector<std::string> names = class_names(config, arguments.checkpoint);
  if (arguments.out_dir) make_folder(*arguments.out_dir);
  PredictReport report;
  PredictionJson json;
  const torch::NoGradGuard no_gradients;
  model->eval();
  std::int64_t id = 0;
  while (const auto input = feed->next()) {
    const Detections found = model->predict(*input).front();
    const std::vector<FoundObject> objects = objects_of(found, arguments.score);
    const std::string& path = arguments.images[static_cast<std::size_t>(id)];
    json.add_image(id, path, input->data_samples.front().ori_shape);
    for (const FoundObject& object : objects) json.add(id, object);
    if (arguments.out_dir) {
      const std::string stem = std::filesystem::path(path).stem().string();
      report.pictures.push_back(numbered_path(*arguments.out_dir, stem, report.pictures));
      draw(path, objects, names, report.pictures.back());
    }
    if (++id == std::ssize(arguments.images)) break;
  }
  report.json = json.text(names);
  return report;
}

}  // namespace pinfeed
