// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/clock.h"
#include "common/bus/executor.h"
#include "daemon/state/meter.h"
#include "daemon/store/audit_log.h"
#include "daemon/store/token_store.h"

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace patd {

// What all users do, in numbers.
struct Activity {
    Meter releases;
    Meter verifies;  // of valid tokens
    Meter refusals;  // of a release or a verify
};

// Writes what happened: events at once, verify successes as one event per token, caller and minute,
// refused verifies one by one up to a rate. Brings the log to the disk, and last uses to the store,
// within a second, off the loop.
// Thread rule: the loop's thread.
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
    // The same for each of `tokens`, in one go; all of them or none.
    Result<void> record_each(const Caller& caller, Uid owner, std::span<const Token> tokens,
                             const std::string& event, const std::string& outcome);
    // `now` is the time of clock.now().
    void record_verified(const Caller& caller, const Token& token, const std::string& where,
                         UnixTime now);
    // The token that a secret named, if only by its id.
    struct Subject {
        TokenId token;
        Uid owner;
    };
    // False: the caller has been refused so often in this minute that nothing is written.
    bool record_refused(const Caller& caller, const Subject& subject, const std::string& reason,
                        const std::string& where);
    // Counts one refusal of the caller. False: he has been refused too often in this minute, and
    // nothing more is to be written of it.
    bool admit_refused(const Caller& caller);
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
    // The verify successes of one minute, in the order in which they began.
    struct Verifies {
        std::vector<store::Event> events;
        std::unordered_map<VerifyKey, std::size_t, HashKey> places;
    };

    store::Event& verifies_of(const Caller& caller, const Token& token, const std::string& where,
                              UnixTime now);
    void schedule();
    void flush();
    // Hands the last uses and the disk sync to the writer.
    void sync();
    void write_verifies(UnixTime before_minute);

    Parts parts_;
    Activity activity_;
    bus::EventLoop::Source timer_;
    bool scheduled_ = false;
    std::map<UnixTime, Verifies> verified_;  // by minute: the one that runs, seldom one more
    std::size_t gathered_ = 0;               // events in it
    store::LastUses uses_;
    UnixTime refused_minute_ = 0;
    std::map<Uid, std::size_t> refused_;
};

}  // namespace patd
