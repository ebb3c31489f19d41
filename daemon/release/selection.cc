// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/selection.h"

#include "daemon/release/stored_by.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

// The longest of the token's targets that covers the request.
std::optional<Target> best_target(const Token& token, const ReleaseRequest& request) {
    std::optional<Target> best;
    for (const Target& target : token.targets) {
        if (target.covers(request.origin, request.path) &&
            (!best || target.path().size() > best->path().size()))
            best = target;
    }
    return best;
}

// Whether the exposure that the request came through, if any, includes this token.
bool is_exposed(const Token& token, const ReleaseRequest& request) {
    if (!request.exposed)
        return true;
    const std::vector<TokenId>& only = request.exposed->only;
    return std::find(only.begin(), only.end(), token.id) != only.end();
}

bool has_target_at(const Token& token, const Origin& audience) {
    return std::any_of(token.targets.begin(), token.targets.end(),
                       [&](const Target& target) { return target.origin() == audience; });
}

// Whether a new child would be as dead to the server as the one that it refused.
bool would_be_refused_again(const Token& token, const ReleaseRequest& request, UnixTime now) {
    return request.refused && gives_children(token) && request.refused->is_live(token, now);
}

std::optional<Errc> refusal_of(const Candidate& candidate, const ReleaseRequest& request,
                               UnixTime now) {
    // Nothing else that speaks against it could be helped at this place.
    if (candidate.token.through_gateway && !request.gateway)
        return Errc::ThroughGateway;
    const SecretKind kind = candidate.token.secret_kind;
    if (kind != SecretKind::Text && kind != request.takes)
        return Errc::SeveralParts;
    if (candidate.locked)
        return Errc::Locked;
    if (candidate.token.state == TokenState::Rejected ||
        is_refused_at(candidate.token, request.origin, request.path))
        return Errc::Rejected;
    if (is_expired(candidate.token, now))
        return Errc::Expired;
    if (candidate.token.confirm == Confirm::Always && !candidate.confirmed)
        return Errc::ConfirmRequired;
    if (would_be_refused_again(candidate.token, request, now))
        return Errc::ServerRefused;
    return candidate.rule_refusal;
}

// Ids are unique, so two of the same second have an order, too.
bool is_older(const Candidate& a, const Candidate& b) {
    return std::pair(a.token.created, a.token.id.view()) <
           std::pair(b.token.created, b.token.id.view());
}

// Judges a candidate on its own; nothing if it does not cover the request.
std::optional<Judged> judge(const Candidate& candidate, const ReleaseRequest& request,
                            UnixTime now) {
    if (!is_exposed(candidate.token, request) ||
        (request.gateway && !candidate.token.through_gateway))
        return std::nullopt;
    if (request.username && *request.username != candidate.token.username)
        return std::nullopt;
    std::optional<Target> target = best_target(candidate.token, request);
    if (!target)
        return std::nullopt;
    if (is_stored_by_git(candidate.token) && target->scheme() == AuthScheme::Bearer &&
        !request.takes_bearer)
        return std::nullopt;
    Judged judged{&candidate, std::move(*target), Verdict::Released, Errc::NotFound};
    if (is_stored_by_git(candidate.token) && !is_stored_by_asker(candidate.token, request)) {
        judged.verdict = Verdict::OtherTool;
    } else if (!covers(candidate.token.permissions, request.permissions)) {
        judged.verdict = Verdict::LacksPermission;
    } else if (request.audience && !has_target_at(candidate.token, *request.audience)) {
        judged.verdict = Verdict::OtherAudience;
    } else if (const std::optional<Errc> refusal = refusal_of(candidate, request, now)) {
        judged.verdict = Verdict::Refused;
        judged.refusal = *refusal;
    }
    return judged;
}

bool needs_time(const Judged& judged) {
    if (judged.verdict == Verdict::Refused)
        return judged.refusal == Errc::Expired;
    return judged.verdict == Verdict::Released && gives_children(judged.candidate->token);
}

}  // namespace

std::string describe_place(const ReleaseRequest& request, const std::string& place) {
    std::string text;
    if (request.exposed)
        text.append("exposed ").append(request.exposed->id).append(" ");
    if (!request.tool.empty())
        text.append("tool ").append(request.tool).append(" ");
    if (request.gateway)
        text.append("gateway ").append(request.gateway->text()).append(" ");
    return text.append(place);
}

bool Selector::add(const Candidate& candidate) {
    std::optional<Judged> judged = judge(candidate, request_, now_);
    if (!judged)
        return false;
    if (judged->verdict == Verdict::Refused && !is_gone(*judged) && !selection_.refusal)
        selection_.refusal = judged->refusal;
    selection_.judged.push_back(std::move(*judged));
    return true;
}

void Selector::yield_to_made_on_purpose() {
    const auto wins = [](const Judged& judged) {
        return judged.verdict == Verdict::Released && !is_stored_by_git(judged.candidate->token);
    };
    if (std::none_of(selection_.judged.begin(), selection_.judged.end(), wins))
        return;
    for (Judged& judged : selection_.judged) {
        if (judged.verdict == Verdict::Released && !wins(judged))
            judged.verdict = Verdict::MadeByGit;
    }
}

// Marks all eligible ones except those with the longest path, which are left for narrowest_.
void Selector::keep_longest_path() {
    std::size_t longest = 0;
    for (const Judged& judged : selection_.judged) {
        if (judged.verdict == Verdict::Released)
            longest = std::max(longest, judged.target.path().size());
    }
    for (std::size_t i = 0; i < selection_.judged.size(); ++i) {
        Judged& judged = selection_.judged[i];
        if (judged.verdict != Verdict::Released)
            continue;
        if (judged.target.path().size() == longest) {
            group_.push_back(i);
            narrowest_.add(judged.candidate->token.permissions);
        } else {
            judged.verdict = Verdict::ShorterPath;
        }
    }
}

bool Selector::step() {
    if (!has_group_) {
        yield_to_made_on_purpose();
        keep_longest_path();
    }
    has_group_ = true;
    return narrowest_.step();
}

Selection Selector::take() {
    std::vector<std::size_t> best;
    for (std::size_t i = 0; i < group_.size(); ++i) {
        if (narrowest_.is_best(i))
            best.push_back(group_[i]);
        else
            selection_.judged[group_[i]].verdict = Verdict::MorePermissions;
    }
    // If git stored one, the group has nothing else.
    if (best.size() > 1 && is_stored_by_git(selection_.judged[best.front()].candidate->token)) {
        const auto latest = std::max_element(best.begin(), best.end(), [&](auto a, auto b) {
            return is_older(*selection_.judged[a].candidate, *selection_.judged[b].candidate);
        });
        for (const std::size_t i : best) {
            if (i != *latest)
                selection_.judged[i].verdict = Verdict::Older;
        }
        best = {*latest};
    }
    if (best.size() == 1) {
        selection_.released = best.front();
        selection_.refusal.reset();
    } else if (best.size() > 1) {
        for (const std::size_t i : best)
            selection_.judged[i].verdict = Verdict::Tied;
        selection_.refusal = Errc::Ambiguous;
    }
    return std::move(selection_);
}

Selection select_token(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                       UnixTime now) {
    Selector selector(request, now);
    for (const Candidate& candidate : candidates)
        selector.add(candidate);
    while (selector.step()) {
    }
    return selector.take();
}

const Judged& refused_one(const Selection& selection) {
    const auto is_about = [&](const Judged& judged) {
        return judged.verdict == Verdict::Tied ||
               (judged.verdict == Verdict::Refused && judged.refusal == selection.refusal &&
                !is_gone(judged));
    };
    return *std::find_if(selection.judged.begin(), selection.judged.end(), is_about);
}

bool is_gone(const Judged& judged) {
    return is_stored_by_git(judged.candidate->token) && judged.verdict == Verdict::Refused &&
           (judged.refusal == Errc::Rejected || judged.refusal == Errc::Expired ||
            judged.refusal == Errc::ClockUnknown);
}

std::string_view verdict_name(const Judged& judged) {
    switch (judged.verdict) {
        case Verdict::Released:
            return "released";
        case Verdict::ShorterPath:
            return "shorter-path";
        case Verdict::MorePermissions:
            return "more-permissions";
        case Verdict::MadeByGit:
            return "made-by-git";
        case Verdict::Older:
            return "older";
        case Verdict::OtherTool:
            return "other-tool";
        case Verdict::Tied:
            return "tied";
        case Verdict::LacksPermission:
            return "lacks-permission";
        case Verdict::OtherAudience:
            return "other-audience";
        case Verdict::Refused:
            return errc_name(judged.refusal);
    }
    return "";
}

void apply_clock_trust(Selection& selection, const Clock& clock) {
    if (clock.trust() != ClockTrust::Unknown)
        return;
    if (selection.released && needs_time(selection.judged[*selection.released])) {
        selection.released.reset();
        selection.refusal = Errc::ClockUnknown;
    }
    if (selection.refusal == Errc::Expired)
        selection.refusal = Errc::ClockUnknown;
    for (Judged& judged : selection.judged) {
        if (!needs_time(judged))
            continue;
        judged.verdict = Verdict::Refused;
        judged.refusal = Errc::ClockUnknown;
    }
}

}  // namespace patd
