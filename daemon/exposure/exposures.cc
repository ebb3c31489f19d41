// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposures.h"

#include "common/bus/firewall.h"
#include "common/token/base62.h"
#include "daemon/context/bouncer.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace patd {
namespace {

// How long after its end an exposure may still accept connections; it answers none of them.
constexpr std::chrono::milliseconds kSweepExposuresEvery{500};
// Shorter than a token's, so that the two cannot be confused.
constexpr std::size_t kIdDigits = 6;

std::string audit_text(const Exposure& exposure) {
    return "exposed " + exposure.terms().id + " " + exposure.terms().path;
}

Result<std::string> generate_id(Random& random) {
    std::array<char, kIdDigits> digits{};
    TRY(random_base62(random, digits));
    return std::string(digits.begin(), digits.end());
}

}  // namespace

Result<std::vector<TokenId>> Exposures::find_tokens(const Caller& caller, const Request& request) {
    if (request.only.empty())
        return Error{Errc::MalformedRequest, "an exposure without tokens"};
    if (request.only.size() > limits::kExposureTokens)
        return Errc::LimitExceeded;
    std::vector<TokenId> found;
    for (const std::string& text : request.only) {
        const std::optional<TokenId> id = TokenId::parse(text);
        if (!id)
            return Errc::NotFound;
        const store::StoredTokenPtr stored = TRY(parts_.context.store.find(*id));
        if (stored && stored->token.owner != caller.uid)
            TRY(parts_.context.store.find_nothing(*id));
        if (!stored || !authorise_owner(caller, stored->token) ||
            stored->token.owner_name != request.account)
            return Errc::NotFound;
        found.push_back(*id);
    }
    return found;
}

Result<void> Exposures::check_room(Uid owner) const {
    const auto own = std::count_if(exposures_.begin(), exposures_.end(), [&](const auto& exposure) {
        return exposure->terms().owner == owner;
    });
    if (exposures_.size() >= limits::kExposures ||
        static_cast<std::size_t>(own) >= limits::kExposuresPerUser)
        return Errc::LimitExceeded;
    return {};
}

Result<std::vector<store::BegunEvents>> Exposures::begin_events(const Caller& caller,
                                                                const Exposure& exposure) {
    Auditor& auditor = parts_.context.auditor;
    std::vector<store::BegunEvents> begun;
    for (const TokenId& token : exposure.terms().only) {
        const Result<store::BegunEvents> event =
            auditor.begin(caller, caller.uid, token, "expose", audit_text(exposure));
        if (!event) {
            for (const store::BegunEvents& before : begun)
                auditor.withdraw(before);
            return event.error();
        }
        begun.push_back(*event);
    }
    return begun;
}

Result<std::string> Exposures::open(const Caller& caller, UniqueFd listener,
                                    const Request& request) {
    cut_ended();
    const Context& context = parts_.context;
    std::string path = TRY(check_listener(listener.get(), caller));
    std::vector<TokenId> only = TRY(find_tokens(caller, request));
    if (request.duration.count() <= 0 || request.duration > context.state.settings.expose_max)
        return Errc::InvalidExpiry;
    if (TRY(context.locks.is_locked(caller.uid)))
        return Errc::Locked;
    TRY(check_room(caller.uid));
    const std::string id = TRY(generate_id(context.random));
    std::unique_ptr<Exposure> exposure =
        TRY(Exposure::create(parts_,
                             {id, std::move(path), caller.uid, std::move(only),
                              context.clock.since_boot() + request.duration},
                             std::move(listener)));
    // Nothing is answered before this function has returned to the loop.
    const std::vector<store::BegunEvents> begun = TRY(begin_events(caller, *exposure));
    exposures_.push_back(std::move(exposure));
    // An exposure whose owner was not told, or that nothing would cut, must not exist; its events
    // stay begun.
    bus::Undo close([this] { exposures_.pop_back(); });
    schedule_sweep();
    for (const store::BegunEvents& event : begun)
        context.auditor.end(event, "ok");
    close.keep();
    return id;
}

Result<void> Exposures::cut(const Caller& caller, const std::string& id) {
    const auto found = std::find_if(exposures_.begin(), exposures_.end(), [&](const auto& entry) {
        return entry->terms().id == id && entry->terms().owner == caller.uid;
    });
    if (found == exposures_.end())
        return Errc::NotFound;
    // It closes when this function ends, even by an exception.
    const std::unique_ptr<Exposure> closing = std::move(*found);
    exposures_.erase(found);
    record_cut(caller, *closing, "ok");
    return {};
}

std::vector<const Exposure*> Exposures::list(Uid owner) {
    cut_ended();
    std::vector<const Exposure*> own;
    for (const std::unique_ptr<Exposure>& exposure : exposures_) {
        if (exposure->terms().owner == owner)
            own.push_back(exposure.get());
    }
    return own;
}

void Exposures::cut_ended() {
    for (auto next = exposures_.begin(); next != exposures_.end();) {
        const std::string_view reason = (*next)->end_reason();
        if (reason.empty()) {
            ++next;
            continue;
        }
        const std::unique_ptr<Exposure> closing = std::move(*next);
        next = exposures_.erase(next);
        record_cut({closing->terms().owner, "line"}, *closing, reason);
    }
}

void Exposures::schedule_sweep() {
    if (exposures_.empty()) {
        sweeper_ = {};
        return;
    }
    // If no timer can be made, the open exposures keep the one they have.
    sweeper_ = parts_.loop.after(kSweepExposuresEvery, [this] {
        bus::guarded("exposures", [this] { cut_ended(); });
        schedule_sweep();
    });
}

void Exposures::record_cut(const Caller& caller, const Exposure& exposure,
                           std::string_view reason) {
    // It is cut anyway: a failing log must not keep it open.
    parts_.context.auditor.record_or_owe(caller, exposure.terms().owner, "cut", std::string(reason),
                                         audit_text(exposure));
}

}  // namespace patd
