// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader_pipeline.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed {

namespace {

// Half of a budget is for seats, a quarter for files that were read ahead.
std::size_t room_for_decoded(const FlowLimits& limits) {
  constexpr std::int64_t enough = 128 << 20;
  return static_cast<std::size_t>(std::min(limits.memory_budget.value_or(8 * enough) / 8, enough));
}

}  // namespace

Flow::Flow(Planner& planner, FlowLimits limits)
    : planner_(&planner), limits_(std::move(limits)), clocks_(limits_.trace) {
  decoded_ = std::make_shared<image::PixelCache>(room_for_decoded(limits_));
  consumer_ = clocks_.thread(LoaderStage::consumer, "consumer");
  const int count = 2 * limits_.seats + 2;
  for (int i = 0; i < count; ++i) tickets_.push_back(std::make_unique<Ticket>());
  for (const auto& ticket : tickets_) free_.push_back(ticket.get());
  flight_.reserve(tickets_.size());
}

Flow::~Flow() {
  stop();
  slab_.reset();  // seats that travel call back until then
}

void Flow::start() {
  if (!threads_.empty()) return;
  stopping_ = false;
  threads_.emplace_back([this] { plan_batches(); });
  for (int i = 0; i < limits_.io_threads; ++i) threads_.emplace_back([this, i] { read_files(i); });
  for (int i = 0; i < limits_.threads; ++i)
    threads_.emplace_back([this, i] { render_pictures(i); });
}

void Flow::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (auto* signal : {&planning_, &reading_, &rendering_, &ready_}) signal->notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  clocks_.has_seat();  // nobody waits for one any more
  handed_out_.reset();
  for (Ticket* ticket : flight_) {
    ticket->seat.reset();
    free_.push_back(ticket);
  }
  flight_.clear();
}

template <class Ready>
bool Flow::wait_for(Lock& lock, std::condition_variable& signal, const StageClocks::Thread& thread,
                    Ready ready) {
  const StageClocks::Time start = StageClocks::now();
  signal.wait(lock, [&] { return stopping_ || ready(); });
  clocks_.waited(thread, start);
  return !stopping_;
}

std::int64_t Flow::planned_bytes() const {
  std::int64_t bytes = 0;
  for (const Ticket* ticket : flight_) bytes += static_cast<std::int64_t>(ticket->bytes.size());
  return bytes;
}

bool Flow::room_to_plan() const {
  if (free_.empty()) return false;
  return flight_.empty() || !limits_.memory_budget || planned_bytes() < *limits_.memory_budget / 4;
}

void Flow::plan_batches() {
  set_thread("pinfeed-plan", Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::plan, "plan");
  Lock lock(mutex_);
  const auto work = [this] { return ticket_to_replace() != nullptr || room_to_plan(); };
  while (wait_for(lock, planning_, thread, work)) {
    Ticket* ticket = ticket_to_replace();
    const bool replacing = ticket != nullptr;
    if (!replacing) {
      ticket = free_.back();
      free_.pop_back();
    }
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    if (replacing) {
      replace_sample(*ticket);
    } else {
      planner_->next(ticket->plan);
    }
    lay_out_files(*ticket, most_file_bytes_);
    clocks_.worked(thread, start, ticket->plan.place.batch);
    lock.lock();
    start_work(*ticket);
    if (!replacing) flight_.push_back(ticket);
    reading_.notify_all();
    wake_for_rendering();
  }
}

Ticket* Flow::ticket_to_read() {
  for (Ticket* ticket : flight_) {
    if (!ticket->replacing && ticket->next_file < ticket->plan.encoded.size()) return ticket;
  }
  return nullptr;
}

void Flow::read_files(int number) {
  const std::string name = "io-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::read, name);
  Lock lock(mutex_);
  while (wait_for(lock, reading_, thread, [this] { return ticket_to_read() != nullptr; })) {
    Ticket* ticket = ticket_to_read();
    const std::size_t file = ticket->next_file++;
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    image::Encoded* stored = ticket->plan.encoded[file];
    std::exception_ptr error;
    try {
      const std::span<std::byte> room(ticket->bytes.data() + ticket->file_offsets[file],
                                      stored->header.file_bytes);
      read_stored(*stored, room);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_.worked(thread, start, ticket->plan.place.batch);
    lock.lock();
    if (error) fail(*ticket, picture_of(ticket->plan, stored), error);
    if (--ticket->files_left == 0) wake_for_rendering();
  }
}

// Of several failures the first picture's counts, whichever thread was quicker.
void Flow::fail(Ticket& ticket, std::size_t picture, std::exception_ptr error) {
  if (ticket.plan.error && ticket.failed_picture <= picture) return;
  ticket.plan.error = with_trail(std::move(error), ticket.plan, picture);
  ticket.failed_picture = picture;
  ticket.failed = true;
}

// The consumer as well: a seat of its own may be all that the next batch waits for.
void Flow::wake_for_rendering() {
  rendering_.notify_all();
  ready_.notify_all();
}

Ticket* Flow::ticket_to_render() {
  for (Ticket* ticket : flight_) {
    if (ticket->ready || ticket->replacing) continue;
    if (ticket->files_left > 0) return nullptr;
    if (!ticket->begun && !ticket->plan.error) {
      try {
        if (!ticket->seat && !seat(*ticket)) return nullptr;
        settle(*ticket->plan.layout, ticket->seat->buffer());
        ticket->begun = true;
      } catch (...) {
        ticket->plan.error = std::current_exception();
      }
    }
    const bool more = ticket->next_picture < ticket->plan.layout->pictures().size();
    if (more || ticket->pictures_left == 0) return ticket;  // else others are at its last pictures
  }
  return nullptr;
}

void Flow::finish_picture(Ticket& ticket) {
  if (ticket.pictures_left > 0) return;
  const bool raises = planner_->rules().on_bad_sample == OnBadSample::raise;
  if (ticket.failed && !raises) {
    ticket.replacing = true;
    planning_.notify_one();
    return;
  }
  ticket.ready = true;
  if (ticket.seat) ticket.seat->go(SeatState::ready);
  ready_.notify_all();
  rendering_.notify_all();
}

void Flow::render_pictures(int number) {
  constexpr std::size_t measured = 8;  // one in so many
  const std::string name = "draw-" + std::to_string(number);
  set_thread("pinfeed-" + name, Priority::background);
  const StageClocks::Thread thread = clocks_.thread(LoaderStage::render, name);
  image::Scratch scratch;
  scratch.share(decoded_);
  std::size_t done = 0;
  Lock lock(mutex_);
  Ticket* ticket = nullptr;
  const auto found = [this, &ticket] { return (ticket = ticket_to_render()) != nullptr; };
  while (wait_for(lock, rendering_, thread, found)) {
    const std::size_t count = ticket->plan.layout->pictures().size();
    if (ticket->plan.error) {  // the rest is not worth rendering
      ticket->pictures_left -= count - ticket->next_picture;
      ticket->next_picture = count;
    }
    if (ticket->next_picture == count) {
      finish_picture(*ticket);
      continue;
    }
    const std::size_t picture = ticket->next_picture++;
    lock.unlock();
    const StageClocks::Time start = StageClocks::now();
    std::exception_ptr error;
    scratch.measure(done++ % measured == 0);
    try {
      const PicturePlace& place = ticket->plan.layout->pictures()[picture];
      image::render(place.picture, view_of(place, ticket->seat->buffer()), scratch);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_.rendered(thread, start, ticket->plan.place.batch, scratch.times());
    lock.lock();
    if (error) fail(*ticket, picture, error);
    --ticket->pictures_left;
    finish_picture(*ticket);
  }
}

Ticket* Flow::take() {
  Lock lock(mutex_);
  if (handed_out_) clocks_.worked(consumer_, *handed_out_);
  handed_out_.reset();
  const auto ready = [this] { return !flight_.empty() && flight_.front()->ready; };
  const auto stuck = [&] { return !ready() && all_seats_kept(); };
  while (!ready()) {
    wait_for(lock, ready_, consumer_, [&] { return ready() || stuck(); });
    if (ready() || ready_.wait_for(lock, limits_.patience, [&] { return !stuck(); })) continue;
    throw Error(ErrorKind::system, "all " + std::to_string(slab_->stats().seats) +
                                       " seats of the loader are kept by batches that are alive")
        .help("let a batch go before the next but one is asked for, or copy what is kept");
  }
  Ticket* ticket = flight_.front();
  flight_.erase(flight_.begin());
  if (ticket->seat && !limits_.device) ticket->seat->go(SeatState::in_use);
  handed_out_ = StageClocks::now();
  planning_.notify_one();  // there is room for more bytes
  return ticket;
}

bool Flow::ready() const {
  const std::lock_guard lock(mutex_);
  return !flight_.empty() && flight_.front()->ready;
}

void Flow::give_back(Ticket* ticket) {
  ticket->plan.clear();
  ticket->seat.reset();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(ticket);
  }
  planning_.notify_one();
  rendering_.notify_all();
}

}  // namespace pinfeed
