// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "daemon/store/audit/event.h"
#include "daemon/store/database/state_directory.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace patd::store {

// An event with its place in the log.
struct NumberedEvent {
    std::int64_t seq = 0;  // of its row in audit.db
    Event event;
};

// The file audit.journal (docs/store-format.md): events of releases, each appended by one write(2),
// on their way into audit.db. It has two halves: while what one holds is brought to disk in
// audit.db, the other is written. Every record has a checksum over its half's base and its own
// place, so that what an earlier use left is never taken for an event. Bounded by
// kJournalBytes. Thread rule: one thread at a time. Errors: Unavailable, AccessDenied.
class EventJournal {
  public:
    // What a file held when it was opened.
    struct Found {
        std::vector<NumberedEvent> events;  // in their order
        std::size_t damaged = 0;            // places in the middle where there was none
        bool is_blank = false;              // it has no byte: an orderly end left nothing
    };

    // Makes the file if it is missing; what it holds stays until clear().
    static Result<EventJournal> open(const StateDirectory& directory);
    Result<Found> read() const;
    // From now on nothing is appended, until clear(): the file holds events that audit.db lacks.
    void hold() { is_held_ = true; }
    bool is_held() const { return is_held_; }
    // Empties the file.
    Result<void> clear();

    // Whether it was written: not if the journal is held, the half is full, or a text too long for
    // its field. On an error nothing of it counts. `seq` grows from call to call.
    Result<bool> append(const NumberedEvent& event);
    // Goes on in the other half, if that is empty and this one is not.
    void turn();
    // What the half that is not written holds is in audit.db, and on disk.
    Result<void> empty_other();
    bool is_other_empty() const { return halves_[1 - writing_].used == 0; }
    bool is_half_full() const;
    // Brings what it holds to disk.
    Result<void> sync() const;

  private:
    // `base`: the first event's number; its records are written behind it.
    struct Half {
        std::int64_t base = 0;
        std::size_t used = 0;  // bytes; 0: empty
    };

    explicit EventJournal(UniqueFd file) : file_(std::move(file)) {}
    Result<void> write_at(std::size_t half, std::size_t place, std::string_view bytes) const;

    UniqueFd file_;
    std::array<Half, 2> halves_{};
    std::size_t writing_ = 0;
    bool is_held_ = false;
    std::string record_;  // room for one, reused
};

}  // namespace patd::store
