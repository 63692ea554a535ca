// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/config_binding.h"
#include "pinfeed/python/python_loader.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace {

void check_range(const char* name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  throw Error(ErrorKind::config, std::string(name) + " is " + std::to_string(value) +
                                     "; it must be from " + std::to_string(least) + " to " +
                                     std::to_string(most));
}

LoaderOptions options_of(const Value& root, std::optional<std::int64_t> seed,
                         std::optional<std::int64_t> threads, std::int64_t rank,
                         std::int64_t world_size) {
  LoaderOptions options = loader_options(root);
  if (seed) check_range("seed", *seed, 0, std::numeric_limits<std::int64_t>::max());
  if (seed) options.seed = static_cast<std::uint64_t>(*seed);
  if (threads) check_range("threads", *threads, 1, max_threads);
  if (threads) options.threads = static_cast<int>(*threads);
  check_range("world_size", world_size, 1, 1'000'000);
  check_range("rank", rank, 0, world_size - 1);
  options.rank = static_cast<int>(rank);
  options.world_size = static_cast<int>(world_size);
  return options;
}

nb::dict stats_of(PythonLoader& self) {
  const PythonLoader::Stats stats = self.stats();
  nb::dict stages;
  for (const auto& [name, times] : stats.use.stages) {
    nb::dict stage;
    stage["busy_seconds"] = times.busy_seconds;
    stage["wait_seconds"] = times.wait_seconds;
    stages[name.c_str()] = stage;
  }
  const double seconds = stats.use.seconds;
  nb::dict all;
  all["images"] = stats.images;
  all["batches"] = stats.batches;
  all["copied_batches"] = stats.copied;
  all["seconds"] = seconds;
  all["images_per_second"] = seconds > 0.0 ? static_cast<double>(stats.images) / seconds : 0.0;
  all["threads"] = stats.use.threads;
  all["pinned"] = stats.pinned;
  all["stages"] = stages;
  all["verdict"] = seconds > 0.0 ? verdict(stats.use, "the training loop") : "no batch was loaded";
  return all;
}

nb::tuple position_of(PythonLoader& self) {
  const LoaderState state = self.position();
  return nb::make_tuple(state.epoch, state.batch);
}

template <class Result>
auto reads(Result (Loader::*get)() const) {
  return [get](PythonLoader& self) {
    return self.read([get](Loader& loader) { return (loader.*get)(); });
  };
}

using LoaderClass = nb::class_<PythonLoader>;

void bind_calls(LoaderClass& core) {
  core.def(
          "__init__",
          [](PythonLoader* self, nb::handle mapping, nb::handle read, const std::string& section,
             std::optional<std::int64_t> seed, std::optional<std::int64_t> threads,
             std::int64_t rank, std::int64_t world_size, std::shared_ptr<PythonRecords> records) {
            const Value root = root_of(mapping, read);
            new (self)
                PythonLoader(root, section, options_of(root, seed, threads, rank, world_size),
                             std::move(records));
          },
          nb::arg("root"), nb::arg("read").none(), nb::arg("section"), nb::arg("seed").none(),
          nb::arg("threads").none(), nb::arg("rank"), nb::arg("world_size"),
          nb::arg("records").none() = nb::none())
      .def("begin", &PythonLoader::begin)
      .def("next", &PythonLoader::next)
      .def("seek",
           [](PythonLoader& self, std::int64_t epoch, std::int64_t batch) {
             constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
             check_range("epoch", epoch, 0, most);
             check_range("batch", batch, 0, most);
             self.seek({epoch, batch});
           })
      .def("position", &position_of)
      .def("close", &PythonLoader::close)
      .def("take_warnings",
           [](PythonLoader& self) {
             nb::list texts;
             for (const std::string& text : self.take_warnings()) texts.append(text_object(text));
             return texts;
           })
      .def("take_exception", &PythonLoader::take_exception)
      .def("stats", &stats_of);
}

void bind_properties(LoaderClass& core) {
  core.def_prop_ro("closed", &PythonLoader::closed)
      .def_prop_ro("has_warnings", &PythonLoader::has_warnings)
      .def_prop_ro("batches_per_epoch", reads(&Loader::batches_per_epoch))
      .def_prop_ro("batch_size", reads(&Loader::batch_size))
      .def_prop_ro("samples",
                   [](PythonLoader& self) {
                     return self.read([](Loader& loader) { return loader.dataset().size; });
                   })
      .def_prop_ro("seed", reads(&Loader::seed))
      .def_prop_ro("rank", reads(&Loader::rank))
      .def_prop_ro("world_size", reads(&Loader::world_size))
      .def_prop_ro("threads", reads(&Loader::threads))
      .def_prop_ro("endless", reads(&Loader::endless))
      .def_prop_ro("classes", [](PythonLoader& self) {
        return self.read([](Loader& loader) { return label_names(loader.dataset().metainfo); });
      });
}

}  // namespace

void bind_loader(nb::module_& module) {
  LoaderClass core(module, "LoaderCore", "The loader behind pinfeed.Loader.");
  bind_calls(core);
  bind_properties(core);
}

}  // namespace pinfeed::python
