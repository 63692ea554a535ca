// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/flow.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread_pool.h"
#include "pinfeed/data/stored.h"
#include "pinfeed/image/render.h"

namespace pinfeed {
namespace {

using Now = std::chrono::steady_clock;

std::int64_t nanoseconds_since(Now::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Now::now() - start).count();
}

}  // namespace

Flow::Flow(Planner& planner, FlowLimits limits) : planner_(&planner), limits_(limits) {
  const int count = 2 * limits_.seats + 2;
  for (int i = 0; i < count; ++i) tickets_.push_back(std::make_unique<Ticket>());
  for (const auto& ticket : tickets_) free_.push_back(ticket.get());
  flight_.reserve(tickets_.size());
}

Flow::~Flow() { stop(); }

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
  for (Ticket* ticket : flight_) {
    ticket->seat.reset();
    free_.push_back(ticket);
  }
  flight_.clear();
}

template <class Ready>
bool Flow::wait_for(Lock& lock, std::condition_variable& signal, Stage stage, Ready ready) {
  const Now::time_point start = Now::now();
  signal.wait(lock, [&] { return stopping_ || ready(); });
  clocks_[stage].wait += nanoseconds_since(start);
  return !stopping_;
}

std::int64_t Flow::planned_bytes() const {
  std::int64_t bytes = 0;
  for (const Ticket* ticket : flight_) bytes += static_cast<std::int64_t>(ticket->bytes.size());
  return bytes;
}

// Half of the budget is for seats, a quarter for files that were read ahead.
bool Flow::room_to_plan() const {
  if (free_.empty()) return false;
  return flight_.empty() || !limits_.memory_budget || planned_bytes() < *limits_.memory_budget / 4;
}

void Flow::plan_batches() {
  set_thread("pinfeed-plan", Priority::background);
  Lock lock(mutex_);
  const auto work = [this] { return ticket_to_replace() != nullptr || room_to_plan(); };
  while (wait_for(lock, planning_, plan, work)) {
    Ticket* ticket = ticket_to_replace();
    const bool replacing = ticket != nullptr;
    if (!replacing) {
      ticket = free_.back();
      free_.pop_back();
    }
    lock.unlock();
    const Now::time_point start = Now::now();
    if (replacing) {
      replace_sample(*ticket);
    } else {
      planner_->next(ticket->plan);
    }
    lay_out_files(*ticket);
    clocks_[plan].busy += nanoseconds_since(start);
    lock.lock();
    start_work(*ticket);
    if (!replacing) flight_.push_back(ticket);
    reading_.notify_all();
    rendering_.notify_all();
    ready_.notify_all();  // it may be ready, or may wait for a seat that the consumer keeps
  }
}

Ticket* Flow::ticket_to_read() {
  for (Ticket* ticket : flight_) {
    if (!ticket->replacing && ticket->next_file < ticket->plan.encoded.size()) return ticket;
  }
  return nullptr;
}

void Flow::read_files(int thread) {
  set_thread("pinfeed-io-" + std::to_string(thread), Priority::background);
  Lock lock(mutex_);
  while (wait_for(lock, reading_, read, [this] { return ticket_to_read() != nullptr; })) {
    Ticket* ticket = ticket_to_read();
    const std::size_t file = ticket->next_file++;
    lock.unlock();
    const Now::time_point start = Now::now();
    image::Encoded* stored = ticket->plan.encoded[file];
    std::exception_ptr error;
    try {
      const std::span<std::byte> room(ticket->bytes.data() + ticket->file_offsets[file],
                                      stored->header.file_bytes);
      read_stored(*stored, room);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_[read].busy += nanoseconds_since(start);
    lock.lock();
    if (error) fail(*ticket, picture_of(ticket->plan, stored), error);
    if (--ticket->files_left > 0) continue;
    rendering_.notify_all();
    ready_.notify_all();  // it may wait for a seat that the consumer keeps
  }
}

// Of several failures the first picture's counts, whichever thread was quicker.
void Flow::fail(Ticket& ticket, std::size_t picture, std::exception_ptr error) {
  if (ticket.plan.error && ticket.failed_picture <= picture) return;
  ticket.plan.error = with_trail(std::move(error), ticket.plan, picture);
  ticket.failed_picture = picture;
  ticket.failed = true;
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

void Flow::render_pictures(int thread) {
  set_thread("pinfeed-draw-" + std::to_string(thread), Priority::background);
  image::Scratch scratch;
  Lock lock(mutex_);
  Ticket* ticket = nullptr;
  const auto found = [this, &ticket] { return (ticket = ticket_to_render()) != nullptr; };
  while (wait_for(lock, rendering_, render, found)) {
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
    const Now::time_point start = Now::now();
    std::exception_ptr error;
    try {
      const PicturePlace& place = ticket->plan.layout->pictures()[picture];
      image::render(place.picture, view_of(place, ticket->seat->buffer()), scratch);
    } catch (...) {
      error = std::current_exception();
    }
    clocks_[render].busy += nanoseconds_since(start);
    lock.lock();
    if (error) fail(*ticket, picture, error);
    --ticket->pictures_left;
    finish_picture(*ticket);
  }
}

Ticket* Flow::take() {
  Lock lock(mutex_);
  const auto ready = [this] { return !flight_.empty() && flight_.front()->ready; };
  const auto stuck = [&] { return !ready() && all_seats_kept(); };
  while (!ready()) {
    wait_for(lock, ready_, consumer, [&] { return ready() || stuck(); });
    if (ready() || ready_.wait_for(lock, limits_.patience, [&] { return !stuck(); })) continue;
    throw Error(ErrorKind::system, "all " + std::to_string(slab_->stats().seats) +
                                       " seats of the loader are kept by batches that are alive")
        .help("let a batch go before the next but one is asked for, or copy what is kept");
  }
  Ticket* ticket = flight_.front();
  flight_.erase(flight_.begin());
  if (ticket->seat) ticket->seat->go(SeatState::in_use);
  planning_.notify_one();  // there is room for more bytes
  return ticket;
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

std::map<std::string, StageTimes> Flow::stages() const {
  static constexpr std::array<const char*, stage_count> names = {"plan", "read", "render",
                                                                 "consumer"};
  std::map<std::string, StageTimes> times;
  for (std::size_t i = 0; i < names.size(); ++i) {
    times[names[i]] = {static_cast<double>(clocks_[i].busy) * 1e-9,
                       static_cast<double>(clocks_[i].wait) * 1e-9};
  }
  return times;
}

}  // namespace pinfeed
