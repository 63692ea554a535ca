// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "pinfeed/config/python/object.h"
#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// Arguments of a call, evaluated: positional ones, and keywords in their order.
struct Arguments {
  std::vector<Ref> positional = {};
  std::vector<DictObject::Entry> named = {};
  bool may_repeat = false;  // there is a `**`, so a name may occur twice
};

/// The values of the base that `with read_base():` imports from.
using ReadBase = std::function<Dict(const FromImport& import, const SourceSpan& span)>;

/// Evaluates the statements of a config in order.
class Evaluator {
 public:
  /// `base` is the value of _base_, or null if the name is not available.
  Evaluator(const std::shared_ptr<const SourceText>& source, Heap& heap, Ref base)
      : source_(heap.keep(source)), heap_(heap), base_(base) {}
  /// For a config of the new style: `read_base` reads its bases, other packages are not opened.
  Evaluator(const std::shared_ptr<const SourceText>& source, Heap& heap, ReadBase read_base)
      : source_(heap.keep(source)), heap_(heap), read_base_(std::move(read_base)) {}

  void run(const Statement& statement);
  Ref value_of(const Node& node);
  /// The names defined so far, in their order.
  const DictObject& names() const { return names_; }
  /// The names that imports of something other than a base define.
  const std::set<std::string>& imported_names() const { return imported_; }

 private:
  Location location_of(const Span& span) const {
    return {source_, span.line, span.column, span.length};
  }
  Error failure(const std::string& text, const Span& span) const {
    return Error(ErrorKind::config, text).at(location_of(span));
  }

  Ref evaluated(const Constant& constant, const Span& span);
  Ref evaluated(const NameUse& use, const Span& span);
  Ref evaluated(const BaseReference& reference, const Span& span);
  Ref evaluated(const Sequence& sequence, const Span& span);
  Ref evaluated(const DictDisplay& display, const Span& span);
  Ref evaluated(const Chain& chain, const Span& span);
  Ref evaluated(const Unary& unary, const Span& span);
  Ref evaluated(const Access& access, const Span& span);
  Ref evaluated(const Comprehension& comprehension, const Span& span);
  Ref evaluated(const Format& format, const Span& span);

  [[noreturn]] void throw_unknown(const NameUse& use, const Span& span) const;
  void loop(std::span<const Clause> clauses, const std::function<void()>& body);
  std::vector<DictObject::Entry> hidden_by(const Node& target) const;
  Key key_of(const Node& node);
  Ref head_of(const Access& access, const Span& span);
  Ref step(Ref object, const Step& step, const Span& whole);
  Ref attribute(Ref object, std::string_view name, const Span& span);
  Ref item(Ref object, Ref index, const Span& span);
  Ref part(Ref object, const Slice& slice, const Span& span);
  Arguments arguments_of(const Call& call);
  Ref call(Ref function, const Call& call, const Span& span);

  void assign(const Node& target, Ref value);
  void assign(const Access& target, const Span& span, Ref value);
  void remove(const Node& target);
  Ref owner_of(const Access& target, const Span& span);
  DictObject& attributes_of(Ref owner, std::string_view name, const Span& span) const;
  std::size_t position(const ListObject& list, const Step& last);
  void assign_all(const Sequence& targets, const Span& span, Ref value);
  void augment(const Node& target, Operator op, const Node& value);
  void run_assignment(const Assignment& assignment);
  void run_import(const Import& import);
  void run_import(const FromImport& import);
  void import_base(const FromImport& import);
  void take_from_base(const std::string& name, const DictObject::Entry& entry);
  Data imported_name(const FromImport& import, const ImportedName& name) const;
  void refuse_import(const std::string& module, const Span& span) const;

  const std::shared_ptr<const SourceText>* source_;  // the heap's
  Heap& heap_;
  Ref base_ = nullptr;
  ReadBase read_base_ = {};  // of the new style only
  DictObject names_;
  std::set<std::string> imported_;
};

}  // namespace pinfeed::python
