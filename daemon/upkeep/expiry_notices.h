// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/event_loop.h"
#include "daemon/context/context.h"
#include "daemon/store/tokens/store_admin.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <set>

namespace patd {

// When a token's owner is told that it expires: `notice` before, but not in the first three
// quarters of its life, so that nobody is told about an hour's token right after making it.
UnixTime notice_moment(const store::TokenTimes& token, std::chrono::seconds notice);

// Tells each owner once about each token that expires soon: an audit event, a message in the
// journal and a signal. The store keeps its progress, so that a restart repeats nothing.
//
// It reads the table of tokens page by page on the writer, so that requests can run in between;
// then it waits for the next moment, between ten minutes and an hour. Of what is due it tells the
// earliest first, kExpiryNoticesPerSweep at a time.
// Thread rule: the loop's thread.
class ExpiryNotices {
  public:
    struct Parts {
        bus::EventLoop& loop;
        Context context;
    };
    explicit ExpiryNotices(const Parts& parts) : parts_(parts) {}

    // Sets ExpiryNotice=. If it changed, the first check comes after `delay`: at a start, perhaps
    // caused by a client's first call, clients need a moment to subscribe. 0: tells nobody.
    void set_notice(std::chrono::seconds notice, std::chrono::seconds delay = {});
    // The store is open again: does what was skipped while it was closed (a locked keyring). While
    // it is closed nothing is reported, not even in the journal.
    void on_store_opened();

  private:
    struct Due {
        UnixTime at;
        std::int64_t key;
        TokenId id;

        friend auto operator<=>(const Due& a, const Due& b) {
            return a.at == b.at ? a.key <=> b.key : a.at <=> b.at;
        }
        friend bool operator==(const Due&, const Due&) = default;
    };
    // Everything due up to here, with that notice, was told.
    struct Mark {
        UnixTime at = 0;
        std::int64_t key = std::numeric_limits<std::int64_t>::max();
        std::chrono::seconds notice{0};
    };
    struct Sweep {
        UnixTime now = 0;
        std::chrono::seconds notice{0};
        std::int64_t after = std::numeric_limits<std::int64_t>::min();
        std::set<Due> due;
        bool has_more = false;
        UnixTime next = std::numeric_limits<UnixTime>::max();
    };

    void begin();
    void read_mark();
    void read_page();
    void take(const store::TokenTimes& token);
    void finish();
    // Ends a sweep; if the store was closed meanwhile, that is no failure.
    void abort_sweep(const Error& error);
    // Whether somebody was told. An error: nobody was, because the log could not take the event.
    Result<bool> tell(const TokenId& id);
    void write_mark(const Mark& mark);
    void look_again_in(std::chrono::seconds delay);

    Parts parts_;
    std::chrono::seconds notice_{0};
    bool sweeping_ = false;
    bool left_out_ = false;  // a sweep, because the store is closed
    bool has_mark_ = false;
    bool mark_is_unwritten_ = false;  // the store does not have it yet
    Mark mark_;
    Sweep sweep_;
    bus::EventLoop::Source timer_;
};

}  // namespace patd
