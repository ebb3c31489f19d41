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
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patd {

// Writes what happened: most events at once, but verifies as one event per token, caller, reason
// and minute, when that minute is over; of an owner's refused ones at most
// kRefusedRowsPerOwnerMinute, plus one that counts the rest. Alarms likewise, but the first at
// once. Syncs the log and last uses within a second, off the loop. Thread rule: the loop's thread.
class Auditor {
  public:
    struct Parts {
        bus::EventLoop& loop;
        bus::Executor& writer;
        store::AuditLog& log;
        store::TokenStore& store;
        const Clock& clock;
    };
    explicit Auditor(const Parts& parts);
    // Writes what is still gathered; the writer must still exist.
    ~Auditor();
    Auditor(const Auditor&) = delete;
    Auditor& operator=(const Auditor&) = delete;
    // Writes one event of `owner`. If it fails, nothing may be released.
    Result<void> record(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                        std::string event, std::string outcome, std::string where = {});
    // The same for what happens often: one write(2). The log shows it at once.
    Result<void> record_release(const Caller& caller, const TokenId& token, std::string outcome,
                                std::string where);
    Result<void> record_exchange(const Caller& caller, const Token& token, std::string where);
    // For something already done. False: the log could not take it, as the journal then says.
    bool record_done(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                     const std::string& event, std::string outcome);
    // Writes a coming change to the log first, as "begun": if that fails, nothing may be changed.
    // Afterwards it is ended with the result, or withdrawn if there was nothing to change.
    Result<store::BegunEvents> begin(const Caller& caller, Uid owner,
                                     const std::optional<TokenId>& token, std::string event,
                                     std::string where = {});
    Result<store::BegunEvents> begin_each(const Caller& caller, Uid owner,
                                          std::span<const Token> tokens, const std::string& event);
    void end(const store::BegunEvents& begun, std::string_view outcome);
    void withdraw(const store::BegunEvents& begun);
    // The writer must sync what was begun before it makes the change (AuditLog::sync_events): the
    // change must not be on disk without it. An error: nothing may be changed. Outlives this.
    store::AuditLog& audit_log() { return parts_.log; }
    // For a change that only closes something in memory, and happens whatever the log says: it is
    // written as soon as the log can take it.
    void record_or_owe(const Caller& caller, Uid owner, std::string event, std::string outcome,
                       std::string where = {});
    // `now` is the time of clock.now().
    void record_verified(const Caller& caller, const Token& token, const std::string& where,
                         UnixTime now);
    // The token that a secret named, even if only by its id.
    struct Subject {
        TokenId token;
        Uid owner;
    };
    // Takes as long without a subject, when there is no such token and nothing is written.
    void record_refused(const Caller& caller, const std::optional<Subject>& subject,
                        std::string_view reason, const std::string& where);
    // A dead secret was presented. False: known in this minute, or too many: nobody is to be told.
    bool record_alarm(const Caller& caller, const Subject& subject, const std::string& where);
    // Records a token's last use; written with the next sync, `where` up to kAuditTextBytes.
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
    // Rows of one owner, as positions in `events`. There are few, so look-ups are linear.
    struct Tally {
        std::size_t made = 0;  // in the whole minute, including closed ones
        std::vector<std::size_t> rows = {};
        std::optional<std::size_t> rest = {};
    };
    using Tallies = std::map<Uid, Tally>;
    // What is gathered in one minute, in the order in which it began.
    struct Minute {
        std::vector<store::Event> events;
        std::unordered_map<VerifyKey, std::size_t, HashKey> verified;
        Tallies refused;
        Tallies alarms;
    };

    Result<void> append_soon(store::Event event);
    store::Event& verifies_of(const Caller& caller, const Token& token, const std::string& where,
                              UnixTime now);
    // Counts an event towards one of these owners' rows. Returns the row if the event starts it.
    store::Event* gather(Tallies Minute::*tallies, store::Event event);
    store::Event& add(Minute& minute, store::Event event);
    void schedule(bool is_busy = true);  // or not: there is only something left
    void flush();
    // Hands the last uses and the disk sync to the writer; `rests`: and nobody asks any more.
    void sync(bool rests);
    // Frees what the store forgot, in steps; `rests`: then gives back what a burst took.
    void free_some(bool rests);
    // Nothing more is counted into these rows; they can be written.
    void close(Minute& minute);
    void close_all();
    // Many events wait in the journal: they are folded before a second is over.
    void sync_early();
    // What a sync came to. It is tried again until everything is on disk and in audit.db.
    void synced(const Result<void>& done);
    void write_closed();
    void write_owed();
    Parts parts_;
    Activity activity_;
    bus::EventLoop::Source timer_;
    bus::EventLoop::Source freeing_;
    bool scheduled_ = false;
    bool is_busy_ = false;  // something was recorded since the last flush
    bool syncing_early_ = false;
    bool is_sync_failing_ = false;
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for the writer
    std::map<UnixTime, Minute> minutes_;  // the current one, rarely one more
    std::size_t gathered_ = 0;            // events in it
    std::deque<store::Event> closed_;     // to be written
    std::vector<store::Event> owed_;      // could not be written yet
    store::LastUses uses_;
};

}  // namespace patd
