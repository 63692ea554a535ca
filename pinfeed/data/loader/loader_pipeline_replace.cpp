// SPDX-License-Identifier: Apache-2.0
// A batch of which one sample could not be rendered goes back to planning (docs/house.md, 6).
#include "pinfeed/data/loader/loader_pipeline.h"

namespace pinfeed {

void Flow::start_work(Ticket& ticket) {
  ticket.next_file = ticket.next_picture = 0;
  ticket.files_left = ticket.plan.encoded.size();
  ticket.pictures_left = ticket.plan.layout ? ticket.plan.layout->pictures().size() : 0;
  ticket.failed = ticket.replacing = ticket.begun = false;
  ticket.ready = !ticket.plan.layout;
}

// The first batch that waits for another sample in the place of a bad one.
Ticket* Flow::ticket_to_replace() {
  for (Ticket* ticket : flight_) {
    if (ticket->replacing) return ticket;
  }
  return nullptr;
}

// The batch keeps its seat: later ones may hold all others until it is handed out.
void Flow::replace_sample(Ticket& ticket) {
  const std::size_t sample = ticket.plan.layout->pictures()[ticket.failed_picture].sample;
  const std::exception_ptr error = ticket.plan.error;
  if (!planner_->replace(ticket.plan, sample, error)) ticket.plan.error = error;
  if (ticket.plan.error) {
    ticket.plan.layout.reset();
    ticket.plan.encoded.clear();
    ticket.seat.reset();
  } else if (ticket.seat) {
    ticket.seat->fit(seat_bytes(ticket));
  }
}

}  // namespace pinfeed
