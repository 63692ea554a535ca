// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/render_whole_image.h"

#include "pinfeed/core/error.h"
#include "pinfeed/image/resample/border.h"
#include "pinfeed/image/resample/warp.h"

namespace pinfeed::image {
namespace {

// The rule of each node kind.

ImageView apply_step(const ImageView& in, const Resized& step, const Node& node,
                     const RenderContext& context) {
  const ImageView out = context.output_for(node);
  if (step.pixels_of == Library::pillow)
    resize_as_pillow(in, step.interpolation, out, context.parts->filters);
  else if (step.interpolation == Interpolation::area)
    resize_by_area(in, out);
  else
    resize_windowed(in, step.interpolation, out, context.parts->filters);
  return out;
}

ImageView apply_step(const ImageView& in, const Extended& step, const Node& node,
                     const RenderContext& context) {
  const ImageView out = context.output_for(node);
  extend(in, step.border, out);
  return out;
}

ImageView apply_step(const ImageView& in, const ResizedInDoubles&, const Node& node,
                     const RenderContext& context) {
  const ImageView out = context.output_for(node);
  resize_in_doubles(in, out, context.parts->filters);
  return out;
}

ImageView apply_step(const ImageView& in, const Warped& step, const Node& node,
                     const RenderContext& context) {
  const ImageView out = context.output_for(node);
  warp(in, step.back, step.border, out);
  return out;
}

ImageView apply_step(const ImageView& in, const Blended& step, const Node& node,
                     const RenderContext& context) {
  const ImageView other = context.output_for(node);
  context.render_inner(step.other, whole(node.size), other);
  blend(in, other);
  return other;
}

ImageView apply_step(const ImageView& in, const HueGains& step, const Node&, const RenderContext&) {
  add_in_hsv(step, in);
  return in;
}

ImageView apply_step(const ImageView& in, const Distortion& step, const Node&,
                     const RenderContext&) {
  distort(step, in);
  return in;
}

ImageView apply_step(const ImageView& in, const Jitter& step, const Node&, const RenderContext&) {
  jitter(step, in);
  return in;
}

template <class Step>
ImageView apply_step(const ImageView&, const Step&, const Node&, const RenderContext&) {
  throw Error(ErrorKind::bug, "a step of an expression has no rule for whole images");
}

// What the time of a step counts as.
struct StageOf {
  RenderStage operator()(const Resized&) const { return RenderStage::resample; }
  RenderStage operator()(const Extended&) const { return RenderStage::write; }
  RenderStage operator()(const ResizedInDoubles&) const { return RenderStage::resample; }
  RenderStage operator()(const Warped&) const { return RenderStage::resample; }
  template <class Step>
  RenderStage operator()(const Step&) const {
    return RenderStage::colour;
  }
};

}  // namespace

ImageView apply_whole_image(const ImageView& in, const Node& node, const RenderContext& context) {
  const RenderClock::Part part(context.parts->workspace.clock, std::visit(StageOf(), node.step));
  return std::visit([&](const auto& step) { return apply_step(in, step, node, context); },
                    node.step);
}

}  // namespace pinfeed::image
