// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/witness_limits.h"
#include "common/bus/done.h"
#include "common/bus/executor.h"
#include "daemon/store/tokens/token_store.h"
#include "daemon/store/tokens/witness.h"
#include "daemon/upkeep/witness_counter.h"
#include "daemon/upkeep/witness_link.h"
#include "daemon/upkeep/witness_state.h"
#include "daemon/upkeep/witness_talk.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// Keeps the witness of the store: compares both at the start, and withholds a store that does not
// fit it. It is also the way to the writer: what takes something away is told to patd-auth before
// `done` is called; changes that are made meanwhile share the next conversation. What patd-auth
// does not take within kWitnessWait is said, acknowledged all the same, and told again later.
// Thread rule: the loop's thread.
class WitnessKeeper final : public bus::Executor {
  public:
    struct Parts {
        bus::EventLoop& loop;
        store::TokenStore& store;
        const Clock& clock;
        std::string socket;
        std::string counter = {};  // patd-counter; "": nobody counts
        std::chrono::milliseconds counter_retry = limits::kWitnessRetry;  // of what is owed
    };
    explicit WitnessKeeper(Parts parts)
        : parts_(std::move(parts)),
          link_(parts_.socket),
          counter_link_(parts_.counter),
          counter_(parts_.clock),
          talker_(parts_.loop),
          looker_(parts_.loop) {}

    // `asked`: patd-auth, before the store was opened (WitnessLink::ask), and `counter`,
    // patd-counter. Call while nobody uses the store yet. Corrupt, Unavailable: of the store.
    Result<void> compare(const Result<UniqueFd>& asked,
                         const Result<UniqueFd>& counter = Errc::NotFound);
    void begin(bus::Executor& writer);  // from now on it works, on that one

    void submit(std::function<void()> work, std::function<void()> done) override;

    Rollback rollback() const { return rollback_; }
    WitnessState state() const { return state_; }
    CounterState counter() const { return counter_.state(); }

    struct Living {  // what an older store gives back, as far as the witness knows
        store::Death death;
        std::string owner_name;  // as when the token was made; "" for a lock
        std::string description;
    };
    std::vector<Living> living() const;
    bool knows_all() const;  // whether the witness does
    // Of a machine that was put back: since when nothing is known of what died; else 0.
    UnixTime known_until() const;
    const std::vector<store::Death>& deaths() const { return witness_.deaths; }
    // The last step of root's word, on the writer: the rows as they are count. And what comes after
    // it; `living`: what root let live on.
    std::function<Result<void>()> make_acceptance() const;
    void accepted(const std::vector<Living>& living, std::function<void()> done);
    void forget_gone_counter();  // the TPM that counted, as root knows

  private:
    struct Facts {
        store::Anchor::Mark mark;
        bool fits = true;
        bool is_bare = false;
        // The store's generation when the witness could not be read for the first time; 0: it was
        // read since. Until then `mark` has this one: what was changed later proves nothing.
        std::int64_t unread_since = 0;
        std::int64_t started_at = 0;  // the generation, whatever `mark` has
    };
    struct Taken {
        std::vector<store::Death> deaths;
        store::Anchor::Mark mark;
        Result<store::KeyedMac> key = Error{Errc::Internal, "not taken"};
        bool rekeyed = false;
    };

    void judge(const Result<std::string>& text);
    void judge_first(const Result<std::string>& text);
    void judge_count(bool is_ours);
    void forget_what_lives(std::int64_t generation);  // the store's
    void withhold(Rollback why);
    void catch_up();
    void catch_up_later();
    void tell_waiting();
    void keep_first();
    void advance(Taken taken, std::function<void()> done);
    void write();
    using Told = std::vector<std::function<void()>>;
    void begin_write(const std::function<void(const WitnessOutcome&)>& end);
    void end_write(const WitnessOutcome& outcome, std::int64_t generation, const Told& told);
    void end_keep(const WitnessOutcome& outcome, std::int64_t generation);
    void begin_count_anew();
    void look(std::function<void(const Result<TpmCount>&)> then);
    void count_again();
    void count_later();
    void note_unread();
    void read_again();
    void judge_again(const Result<std::string>& text);
    bool gives_back(const store::Death& death, const store::StoredTokenPtr& token) const;

    Parts parts_;
    WitnessLink link_;
    CounterLink counter_link_;
    WitnessCounter counter_;
    Result<TpmCount> said_ = Error{Errc::NotFound, "not asked"};  // by the TPM, at the start
    std::optional<TpmCount> looked_;                              // for the next conversation
    bus::Executor* writer_ = nullptr;
    std::shared_ptr<store::Anchor> anchor_;
    std::optional<store::KeyedMac> key_;
    store::Witness witness_;   // as it will be written next, but its count is the last one's
    Facts facts_;              // of the store at the start
    std::int64_t above_ = -1;  // the store's generation must get above this one
    bool lost_ = false;        // the witness was there once
    bool put_back_ = false;    // the whole machine was, whatever the store is withheld for
    bool must_write_ = false;
    bool writing_ = false;
    std::uint64_t talks_ = 0;  // conversations that were begun
    Rollback rollback_ = Rollback::None;
    WitnessState state_ = WitnessState::Kept;
    Told waiting_;
    bus::EventLoop::Source retry_;
    bus::EventLoop::Source recount_;
    bus::LazyWorker talker_;
    bus::LazyWorker looker_;  // no conversation waits for it
};

}  // namespace patd
