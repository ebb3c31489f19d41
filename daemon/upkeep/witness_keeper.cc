// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_keeper.h"

#include "common/base/log_messages.h"
#include "common/base/parse_number.h"
#include "common/base/witness_limits.h"
#include "common/bus/firewall.h"
#include "daemon/store/tokens/store_admin.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

using store::Anchor;
using store::Death;
using store::StoreAdmin;
using store::Witness;

// The generation that patd-auth compares; -1: none.
std::int64_t generation_of(std::string_view text) {
    if (!text.starts_with(kWitnessHead))
        return -1;
    text.remove_prefix(kWitnessHead.size());
    const std::int64_t generation = take_number<std::int64_t>(text).value_or(-1);
    return generation <= limits::kWitnessGenerationMax ? generation : -1;
}

// Frames are in secret memory, of which there may be none; the talker's thread must not end of it.
template <typename T>
Result<T> talk(const std::function<Result<T>()>& work) {
    std::optional<Result<T>> outcome;
    bus::guarded("witness", [&] { outcome.emplace(work()); });
    return outcome ? std::move(*outcome) : Result<T>(Error{Errc::Unavailable, "no memory"});
}

}  // namespace

Result<void> WitnessKeeper::compare(const Result<UniqueFd>& asked,
                                    const Result<UniqueFd>& counter) {
    StoreAdmin admin(parts_.store);
    anchor_ = TRY(admin.anchor());
    key_.emplace(TRY(anchor_->clone_key()));
    facts_ = {anchor_->mark(), TRY(admin.fits_anchor()), TRY(admin.is_bare()),
              TRY(admin.read_note(store::Note::WitnessUnread)), anchor_->mark().generation};
    if (facts_.unread_since > 0)
        facts_.mark.generation = std::min(facts_.mark.generation, facts_.unread_since);
    const WitnessDeadline end = witness_deadline();
    const Result<std::string> text =
        asked ? WitnessLink::read_answer(*asked, end) : Result<std::string>(asked.error());
    said_ = counter ? CounterLink::read_answer(*counter, end) : Result<TpmCount>(counter.error());
    if (!facts_.fits)
        withhold(Rollback::Altered);
    judge_first(text);
    return {};
}

void WitnessKeeper::judge_first(const Result<std::string>& text) {
    judge(text);
    if (state_ == WitnessState::Unread || rollback_ != Rollback::None)
        return;
    // A note that stayed would make a rollback of the next advance.
    const bool is_noted = facts_.unread_since > 0;
    if (is_noted && !StoreAdmin(parts_.store).write_note(store::Note::WitnessUnread, 0)) {
        state_ = WitnessState::Unread;
        witness_ = {};
        must_write_ = false;
        return;
    }
    forget_what_lives(facts_.started_at);
}

// What lives in a store that is in order lives rightly: patd ended before it could say so. Whether
// an edited one does cannot be seen.
void WitnessKeeper::forget_what_lives(std::int64_t generation) {
    const std::size_t deaths = witness_.deaths.size();
    for (const Living& revived : living()) {
        if (revived.death.cause != Death::Cause::Edited)
            std::erase(witness_.deaths, revived.death);
    }
    must_write_ |= witness_.deaths.size() < deaths && generation > witness_.generation;
}

void WitnessKeeper::judge(const Result<std::string>& text) {
    const Anchor::Mark& mark = facts_.mark;
    if (!text && text.error().code != Errc::NotFound) {
        state_ = WitnessState::Unread;
        return log(messages::kWitnessUnread, text.error());
    }
    const Result<Witness> read =
        text ? store::parse_witness(*text, *key_) : Result<Witness>(text.error());
    std::vector<Death> since = std::move(witness_.deaths);
    witness_ = read ? *read : Witness{};
    const bool is_ours = read && witness_.store == mark.store;
    // A new store, or one of before there was a witness, begins one.
    const bool is_new = facts_.is_bare && mark.witnessed == 0;
    lost_ = is_ours ? witness_.generation < mark.witnessed
                    : !read && (text ? !is_new : mark.witnessed > 0);
    if (lost_) {
        // Nobody knows any more what died before.
        witness_.dropped = std::max(witness_.dropped, facts_.started_at);
        log(messages::kWitnessLost,
            read ? Error{Errc::OutOfOrder, "an older one is there"} : read.error());
    }
    state_ = WitnessState::Kept;
    if (rollback_ == Rollback::None && is_ours && mark.generation < witness_.generation)
        withhold(Rollback::Older);
    if (rollback_ == Rollback::None && read && !is_ours && !facts_.is_bare)
        withhold(Rollback::Foreign);
    // What it was not told before the last run ended.
    const bool is_owed = is_ours && witness_.generation < mark.died;
    if (is_owed)
        witness_.dropped = std::max(witness_.dropped, mark.died);
    store::add_deaths(witness_, since);
    above_ = (!is_ours || lost_) && text ? generation_of(*text) : -1;
    must_write_ = rollback_ == Rollback::None && (!is_ours || lost_ || is_owed);
    judge_count(is_ours && !lost_);
}

// A witness that proves nothing of the store proves nothing of the machine either: with the count
// that it names, the next one would be older than the TPM. One that is put back with an even older
// store still proves that something died which it does not list.
void WitnessKeeper::judge_count(bool is_ours) {
    const CountVerdict verdict =
        is_ours && said_ ? compare_counts(witness_.count, *said_) : CountVerdict::Fits;
    put_back_ = verdict == CountVerdict::PutBack;
    const bool is_comparable = is_ours && rollback_ == Rollback::None;
    if (!is_comparable)
        witness_.count.reset();
    counter_.saw(said_, witness_.count.has_value());
    if (!is_comparable)
        return;
    switch (verdict) {
        case CountVerdict::Fits:
        case CountVerdict::Short:
            break;
        case CountVerdict::PutBack:
            must_write_ = false;
            withhold(Rollback::Machine);
            break;
        case CountVerdict::Lost:
            begin_count_anew();
            break;
        case CountVerdict::Begins:
            must_write_ = true;
            above_ = std::max(above_, witness_.generation);
            break;
    }
}

void WitnessKeeper::begin_count_anew() {
    log(messages::kCounterLost);
    lost_ = true;
    witness_.count.reset();
    must_write_ = true;
    above_ = std::max(above_, witness_.generation);
}

void WitnessKeeper::withhold(Rollback why) {
    rollback_ = why;
    looked_.reset();  // root's word takes its time
    anchor_->withhold(true);
    log(messages::kRolledBack, {{"STATE", std::string(rollback_name(why))}});
}

void WitnessKeeper::begin(bus::Executor& writer) {
    writer_ = &writer;
    if (state_ == WitnessState::Unread) {
        note_unread();
        return read_again();
    }
    if (must_write_)
        catch_up();
    else
        count_later();
}

// The witness follows this store from now on.
void WitnessKeeper::catch_up() {
    bus::run(
        *writer_,
        [&store = parts_.store, anchor = anchor_, above = above_, lost = lost_,
         now = parts_.clock.now()]() -> Result<Anchor::Mark> {
            StoreAdmin admin(store);
            if (lost)
                TRY(admin.write_note(store::Note::WitnessLost, now));
            if (anchor->mark().generation <= above)
                TRY(admin.raise_generation(above));
            return anchor->mark();
        },
        [this](const Result<Anchor::Mark>& mark) {
            if (!mark) {
                log(messages::kWitnessNotKept, mark.error());
                looked_.reset();
                state_ = WitnessState::Behind;
                catch_up_later();
                return tell_waiting();
            }
            witness_.store = mark->store;
            witness_.generation = std::max(witness_.generation, mark->generation);
            must_write_ = true;
            lost_ = false;  // noted
            write();
        });
}

// With the note of a lost witness, if the store has not got it yet. Root decides first.
void WitnessKeeper::catch_up_later() {
    retry_ = parts_.loop.after(limits::kWitnessRetry, [this] {
        if (rollback_ == Rollback::None)
            catch_up();
    });
}

void WitnessKeeper::submit(std::function<void()> work, std::function<void()> done) {
    const auto taken = std::make_shared<Taken>();
    writer_->submit(
        [work = std::move(work), taken, anchor = anchor_] {
            work();
            taken->deaths = anchor->take_deaths();
            taken->mark = anchor->mark();
            taken->rekeyed = anchor->take_rekeyed();
            if (taken->rekeyed)
                taken->key = anchor->clone_key();
        },
        [this, done = std::move(done), taken] {
            if (taken->deaths.empty() && !taken->rekeyed)
                return done();
            advance(std::move(*taken), done);
        });
}

void WitnessKeeper::advance(Taken taken, std::function<void()> done) {
    if (taken.key)
        key_.emplace(std::move(*taken.key));
    for (Death& death : taken.deaths)
        death.at = parts_.clock.now();
    store::add_deaths(witness_, taken.deaths);
    witness_.store = taken.mark.store;
    witness_.generation = std::max(witness_.generation, taken.mark.generation);
    must_write_ = true;
    // Root decides first; before patd-auth was understood, it might be told less than it knows.
    if (rollback_ != Rollback::None || state_ == WitnessState::Unread)
        return done();
    waiting_.push_back(std::move(done));
    write();
}

void WitnessKeeper::write() {
    // Another one would hide from the next start why it is withheld.
    if (rollback_ != Rollback::None)
        return tell_waiting();
    if (writing_ || !must_write_)
        return;
    writing_ = true;
    ++talks_;
    must_write_ = false;
    const auto end = [this, told = std::exchange(waiting_, {}),
                      generation = witness_.generation](const WitnessOutcome& outcome) {
        writing_ = false;
        end_write(outcome, generation, told);
    };
    // Whoever waits is answered, even if there is no memory or no thread.
    if (!bus::guarded("witness", [&] { begin_write(end); }))
        end({});
}

void WitnessKeeper::begin_write(const std::function<void(const WitnessOutcome&)>& end) {
    const auto conversation = std::make_shared<WitnessTalk>(
        WitnessTalk{link_, counter_link_, witness_, key_->clone(), counter_.may_count(),
                    std::exchange(looked_, {}), parts_.clock.now(), witness_deadline()});
    bus::run(
        talker_,
        [conversation] {
            WitnessOutcome outcome;
            bus::guarded("witness", [&] { conversation->hold(outcome); });
            return outcome;
        },
        end);
}

void WitnessKeeper::count_later() {
    if (counter_.is_owed())
        recount_ = parts_.loop.after(parts_.counter_retry, [this] { count_again(); });
}

// Nobody waits for it, so that a slow TPM may take longer than else.
void WitnessKeeper::look(std::function<void(const Result<TpmCount>&)> then) {
    bus::run(
        looker_, [link = counter_link_] { return talk<TpmCount>([&] { return link.read(); }); },
        [this, talks = talks_, then = std::move(then)](const Result<TpmCount>& said) {
            // It says nothing of what was counted meanwhile.
            if (writing_ || talks != talks_)
                return count_later();
            counter_.saw(said, witness_.count.has_value());
            then(said);
        });
}

// What the TPM could not do before. A look comes first, so that patd-auth has nothing to write
// while there is no answer.
void WitnessKeeper::count_again() {
    // The end of a conversation comes back here.
    if (rollback_ != Rollback::None || state_ == WitnessState::Unread || writing_)
        return;
    if (!counter_.is_owed() || !counter_.may_look())
        return count_later();
    look([this](const Result<TpmCount>& said) {
        if (!said)
            return count_later();
        if (!counter_.is_owed() || rollback_ != Rollback::None)
            return;
        looked_ = *said;
        above_ = std::max(above_, witness_.generation);
        catch_up();
    });
}

void WitnessKeeper::tell_waiting() {
    for (const std::function<void()>& done : std::exchange(waiting_, {}))
        bus::guarded("end of a change", done);
}

// From now on the store knows that there is a witness, even if nothing is changed any more.
void WitnessKeeper::keep_first() {
    if (std::exchange(facts_.mark.witnessed, 1) > 0)
        return;
    bus::run(
        *writer_, [&store = parts_.store] { return StoreAdmin(store).accept_rows(0); },
        [](const Result<void>& kept) {
            if (!kept)
                log(messages::kWitnessNotKept, kept.error());
        });
}

void WitnessKeeper::end_write(const WitnessOutcome& outcome, std::int64_t generation,
                              const Told& told) {
    // First: with the count of before, the next look would find the TPM above it.
    if (outcome.kept) {
        witness_.count = outcome.named;
        witness_.counted = outcome.made;
    }
    counter_.ended(outcome.count, witness_.count.has_value());
    if (outcome.count.verdict == CountVerdict::Lost) {
        // The store gets the note first; then the same is told with the new counter.
        waiting_.insert(waiting_.begin(), told.begin(), told.end());
        begin_count_anew();
        if (!bus::guarded("witness", [&] { catch_up(); }))
            tell_waiting();
        return;
    }
    if (outcome.count.verdict == CountVerdict::PutBack) {
        put_back_ = true;
        withhold(Rollback::Machine);
    } else {
        end_keep(outcome, generation);
    }
    for (const std::function<void()>& done : told)
        bus::guarded("end of a change", done);
    // What came meanwhile; one that failed has its time.
    if (!waiting_.empty() || (outcome.kept && must_write_))
        write();
}

void WitnessKeeper::end_keep(const WitnessOutcome& outcome, std::int64_t generation) {
    if (!outcome.kept) {
        counter_.owe();  // it may be kept all the same, and is not counted then
        if (std::exchange(state_, WitnessState::Behind) != WitnessState::Behind)
            log(messages::kWitnessNotKept, outcome.kept.error());
        must_write_ = true;
        return catch_up_later();
    }
    anchor_->note_witnessed(generation);
    state_ = WitnessState::Kept;
    keep_first();
    // A change may have told this generation, and had it counted, before an owed step could.
    const std::optional<Result<TpmCount>>& said = outcome.count.said;
    const bool is_there = said && *said && outcome.named == **said;
    if (!outcome.count.counted && !is_there)
        counter_.owe();
    count_later();
}

// Before any change, for the next run, which would see only how much was changed.
void WitnessKeeper::note_unread() {
    if (facts_.unread_since > 0 || rollback_ != Rollback::None)
        return;
    facts_.unread_since = facts_.mark.generation;
    bus::run(
        *writer_,
        [&store = parts_.store, generation = facts_.unread_since] {
            return StoreAdmin(store).write_note(store::Note::WitnessUnread, generation);
        },
        [this](const Result<void>& noted) {
            if (noted)
                return;
            facts_.unread_since = 0;  // tried again with the next look
            log(messages::kWitnessNotKept, noted.error());
        });
}

// What patd-auth did not say at the start; until then this run cannot be too old.
void WitnessKeeper::read_again() {
    bus::run(
        talker_, [link = link_] { return talk<std::string>([&] { return link.read(); }); },
        [this](const Result<std::string>& text) {
            if (!text && text.error().code != Errc::NotFound) {
                note_unread();
                retry_ = parts_.loop.after(limits::kWitnessRetry, [this] { read_again(); });
                return;
            }
            judge_again(text);
        });
}

void WitnessKeeper::judge_again(const Result<std::string>& text) {
    const bool owed = must_write_;
    judge(text);
    must_write_ |= owed;
    if (rollback_ != Rollback::None)
        return;
    state_ = WitnessState::Unread;  // until the note is gone: with it nothing may be advanced
    bus::run(
        *writer_,
        [&store = parts_.store, anchor = anchor_]() -> Result<std::int64_t> {
            TRY(StoreAdmin(store).write_note(store::Note::WitnessUnread, 0));
            return anchor->mark().generation;
        },
        [this](const Result<std::int64_t>& generation) {
            if (!generation) {
                log(messages::kWitnessNotKept, generation.error());
                retry_ = parts_.loop.after(limits::kWitnessRetry, [this] { read_again(); });
                return;
            }
            facts_.unread_since = 0;
            state_ = WitnessState::Kept;
            forget_what_lives(*generation);
            if (must_write_)
                catch_up();
            else
                count_later();
        });
}

// `token`: what the store has under its id now.
bool WitnessKeeper::gives_back(const Death& death, const store::StoredTokenPtr& token) const {
    const bool is_older = rollback_ != Rollback::Older || death.generation > facts_.mark.generation;
    switch (death.cause) {
        case Death::Cause::Deleted:
        case Death::Cause::Quarantined:
            return token != nullptr;
        case Death::Cause::Regenerated:
            return token != nullptr && token->token.generation < death.secret;
        case Death::Cause::Edited:
            return token != nullptr && is_older && rollback_ != Rollback::Altered;
        case Death::Cause::Locked: {
            const Result<bool> locked = parts_.store.is_locked(death.owner);
            return locked && !*locked;
        }
        case Death::Cause::Revived:
        case Death::Cause::Unlocked:
            break;
    }
    return false;
}

std::vector<WitnessKeeper::Living> WitnessKeeper::living() const {
    std::vector<Living> found;
    // Its witness is as old as the store.
    if (rollback_ == Rollback::Machine)
        return found;
    for (const Death& death : witness_.deaths) {
        const auto token =
            death.token ? parts_.store.find(*death.token) : Result<store::StoredTokenPtr>(nullptr);
        if (!token || !gives_back(death, *token))
            continue;
        if (*token)
            found.push_back({death, (*token)->token.owner_name, (*token)->token.description});
        else
            found.push_back({death, {}, {}});
    }
    return found;
}

bool WitnessKeeper::knows_all() const {
    return rollback_ == Rollback::Older && !put_back_ && state_ != WitnessState::Unread &&
           witness_.dropped <= facts_.mark.generation;
}

UnixTime WitnessKeeper::known_until() const {
    return put_back_ ? witness_.counted : 0;
}

std::function<Result<void>()> WitnessKeeper::make_acceptance() const {
    return [&store = parts_.store, anchor = anchor_,
            above = std::max(witness_.generation, above_)]() -> Result<void> {
        StoreAdmin admin(store);
        TRY(admin.accept_rows(above));
        TRY(admin.write_note(store::Note::WitnessLost, 0));
        TRY(admin.write_note(store::Note::WitnessUnread, 0));
        anchor->withhold(false);
        return {};
    };
}

void WitnessKeeper::accepted(const std::vector<Living>& living, std::function<void()> done) {
    for (const Living& forgiven : living)
        std::erase(witness_.deaths, forgiven.death);
    waiting_.push_back(std::move(done));
    if (std::exchange(put_back_, false))
        witness_.dropped = std::max(witness_.dropped, witness_.generation);
    rollback_ = Rollback::None;
    lost_ = false;
    above_ = -1;
    // Whatever was counted was another store's, or another time's.
    witness_.count.reset();
    catch_up();
}

void WitnessKeeper::forget_gone_counter() {
    if (counter_.state() != CounterState::Gone)
        return;
    // It may be back.
    look([this](const Result<TpmCount>&) {
        if (counter_.state() != CounterState::Gone || rollback_ != Rollback::None)
            return count_later();
        witness_.count.reset();
        counter_.saw(Errc::NotFound, false);
        above_ = std::max(above_, witness_.generation);
        catch_up();
    });
}

}  // namespace patd
