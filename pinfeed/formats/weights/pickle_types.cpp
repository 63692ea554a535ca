// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/weights/pickle_types.h"

#include <algorithm>
#include <array>
#include <string>

#include "pinfeed/formats/weights/pickle_calls.h"

namespace pinfeed {
namespace {

// torch's and numpy's names of a dtype; empty where one of them has none.
struct TypeNames {
  DType dtype;
  std::string_view storage;
  std::string_view numpy;
};

constexpr std::array type_names = {TypeNames{DType::boolean, "BoolStorage", "b1"},
                                   TypeNames{DType::uint8, "ByteStorage", "u1"},
                                   TypeNames{DType::int8, "CharStorage", "i1"},
                                   TypeNames{DType::int16, "ShortStorage", "i2"},
                                   TypeNames{DType::int32, "IntStorage", "i4"},
                                   TypeNames{DType::int64, "LongStorage", "i8"},
                                   TypeNames{DType::uint16, "", "u2"},
                                   TypeNames{DType::uint32, "", "u4"},
                                   TypeNames{DType::uint64, "", "u8"},
                                   TypeNames{DType::float16, "HalfStorage", "f2"},
                                   TypeNames{DType::bfloat16, "BFloat16Storage", ""},
                                   TypeNames{DType::float32, "FloatStorage", "f4"},
                                   TypeNames{DType::float64, "DoubleStorage", "f8"},
                                   TypeNames{DType::complex64, "ComplexFloatStorage", "c8"},
                                   TypeNames{DType::complex128, "ComplexDoubleStorage", "c16"},
                                   TypeNames{DType::float8_e4m3fn, "", ""},
                                   TypeNames{DType::float8_e5m2, "", ""}};

template <class Matches>
std::optional<DType> find_type(Matches matches) {
  const auto* found = std::find_if(type_names.begin(), type_names.end(), matches);
  return found == type_names.end() ? std::nullopt : std::optional(found->dtype);
}

// Functions of modules that start programs, open files or connections, or run code.
constexpr std::array<std::string_view, 29> harmful_modules = {
    "os",        "posix",  "nt",     "subprocess", "_posixsubprocess",
    "sys",       "shutil", "socket", "_socket",    "runpy",
    "importlib", "imp",    "pty",    "commands",   "ctypes",
    "_ctypes",   "code",   "codeop", "webbrowser", "pip",
    "pdb",       "bdb",    "timeit", "trace",      "multiprocessing",
    "asyncio",   "signal", "http",   "urllib"};

constexpr std::array<std::string_view, 19> harmful_functions = {
    "builtins.eval",    "builtins.exec",       "builtins.execfile", "builtins.compile",
    "builtins.open",    "builtins.__import__", "builtins.input",    "builtins.breakpoint",
    "builtins.globals", "builtins.setattr",    "io.open",           "_io.open",
    "_io.FileIO",       "io.FileIO",           "pickle.loads",      "pickle.load",
    "_pickle.loads",    "marshal.loads",       "types.FunctionType"};

}  // namespace

std::optional<DType> storage_dtype(std::string_view storage_type) {
  constexpr std::string_view module = "torch.";
  if (!storage_type.starts_with(module)) return std::nullopt;
  std::string_view name = storage_type.substr(module.size());
  if (name.starts_with("cuda.")) name.remove_prefix(5);
  if (name.empty()) return std::nullopt;
  return find_type([name](const TypeNames& one) { return one.storage == name; });
}

bool is_untyped_storage(std::string_view storage_type) {
  return storage_type == "torch.storage.UntypedStorage" || storage_type == "torch.UntypedStorage" ||
         storage_type == "torch.storage._UntypedStorage";
}

std::optional<DType> torch_dtype_of(std::string_view name) {
  return find_type([name](const TypeNames& one) { return name == "torch." + name_of(one.dtype); });
}

std::optional<DType> numpy_dtype_of(std::string_view name) {
  if (name == "?") return DType::boolean;
  if (name.empty()) return std::nullopt;
  return find_type([name](const TypeNames& one) { return one.numpy == name; });
}

std::string_view storage_name(DType dtype) {
  const auto* found = std::find_if(type_names.begin(), type_names.end(),
                                   [dtype](const TypeNames& one) { return one.dtype == dtype; });
  return found->storage;
}

bool is_harmful(std::string_view global) {
  const std::string_view module = global.substr(0, global.find('.'));
  const auto has = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return has(harmful_modules, module) || has(harmful_functions, global);
}

}  // namespace pinfeed
