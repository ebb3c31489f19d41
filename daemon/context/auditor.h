// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/clock.h"
#include "common/bus/executor.h"
#include "daemon/context/meter.h"
#include "daemon/store/audit/audit_log.h"
#include "daemon/store/tokens/token_store.h"

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patd {

// What all users do, in numbers.
struct Activity {
    Meter releases;
    Meter verifies;  // of valid tokens
    Meter refusals;  // of a release or a verify
};

// Writes what happened: events at once, but verifies as one event per token, caller, reason and
// minute, when that is over; of an owner's refused ones at most kRefusedRowsPerOwnerMinute, and one
// that counts the rest. Alarms likewise, but their first at once. Brings the log to the disk, and
// last uses to the store, within a second, off the loop. Thread rule: the loop's thread.
class Auditor {
  public:
    struct Parts {
        bus::EventLoop& loop;
        bus::Executor& writer;
        store::AuditLog& log;
        store::TokenStore& store;
        const Clock& clock;
    };
    explicit Auditor(const Parts& parts) : parts_(parts) {}
    // Writes what is still gathered; the writer must still be there.
    ~Auditor();
    Auditor(const Auditor&) = delete;
    Auditor& operator=(const Auditor&) = delete;

    // One event of `owner`. When it fails, nothing may be released.
    Result<void> record(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                        std::string event, std::string outcome, std::string where = {});
    // Likewise of what is done already: a log that cannot take it says so in the journal. False: it
    // could not.
    bool record_done(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                     const std::string& event, std::string outcome);
    // What is about to be changed stands in the log first, with the outcome "begun": when that
    // fails, nothing may be changed. Then it is ended, with what came of it; or withdrawn, when
    // there was nothing to change.
    Result<store::BegunEvents> begin(const Caller& caller, Uid owner,
                                     const std::optional<TokenId>& token, std::string event,
                                     std::string where = {});
    Result<store::BegunEvents> begin_each(const Caller& caller, Uid owner,
                                          std::span<const Token> tokens, const std::string& event);
    void end(const store::BegunEvents& begun, std::string_view outcome);
    void withdraw(const store::BegunEvents& begun);
    // What was begun is to be synced on the writer before it is changed (AuditLog::sync_events):
    // the change must not be on the disk without it. An error: nothing may be changed. It outlives
    // this.
    store::AuditLog& audit_log() { return parts_.log; }
    // Of what only closes something, in memory, and is done whatever the log says: it is written as
    // soon as the log can be.
    void record_or_owe(const Caller& caller, Uid owner, std::string event, std::string outcome,
                       std::string where = {});
    // `now` is the time of clock.now().
    void record_verified(const Caller& caller, const Token& token, const std::string& where,
                         UnixTime now);
    // The token that a secret named, if only by its id.
    struct Subject {
        TokenId token;
        Uid owner;
    };
    // Takes as long without a subject, where there is no such token and nothing is written.
    void record_refused(const Caller& caller, const std::optional<Subject>& subject,
                        std::string_view reason, const std::string& where);
    // A secret that died was shown. False: of this minute that is known already, or there is too
    // much of it, so that nobody is to be told.
    bool record_alarm(const Caller& caller, const Subject& subject, const std::string& where);
    // The last use of a token; written with the next sync, `where` up to kAuditTextBytes of it.
    void note_use(const TokenId& token, LastUse use);

    Activity& activity() { return activity_; }

  private:
    struct VerifyKey {
        TokenId token;
        Uid by;
        std::string unit;

        bool operator==(const VerifyKey&) const = default;
    };
    struct HashKey {
        std::size_t operator()(const VerifyKey& key) const {
            return TokenId::Hash()(key.token) ^ key.by.value();
        }
    };
    // Rows of one owner, by their place in `events`. He has few: they are looked through.
    struct Tally {
        std::size_t made = 0;  // of the whole minute, also those that are closed
        std::vector<std::size_t> rows = {};
        std::optional<std::size_t> rest = {};
    };
    using Tallies = std::map<Uid, Tally>;
    // What is gathered of one minute, in the order in which it began.
    struct Minute {
        std::vector<store::Event> events;
        std::unordered_map<VerifyKey, std::size_t, HashKey> verified;
        Tallies refused;
        Tallies alarms;
    };

    store::Event& verifies_of(const Caller& caller, const Token& token, const std::string& where,
                              UnixTime now);
    // Counts an event of one of these owners' rows. The row, when it begins with it.
    store::Event* gather(Tallies Minute::*tallies, store::Event event);
    store::Event& add(Minute& minute, store::Event event);
    void schedule();
    void flush();
    // Hands the last uses and the disk sync to the writer.
    void sync();
    // Nothing more is counted into these rows; they can be written.
    void close(Minute& minute);
    void close_all();
    // Some of them.
    void write_closed();
    void write_owed();

    Parts parts_;
    Activity activity_;
    bus::EventLoop::Source timer_;
    bool scheduled_ = false;
    std::map<UnixTime, Minute> minutes_;  // the one that runs, seldom one more
    std::size_t gathered_ = 0;            // events in it
    std::deque<store::Event> closed_;     // to be written
    std::vector<store::Event> owed_;      // could not be written yet
    store::LastUses uses_;
};

}  // namespace patd
