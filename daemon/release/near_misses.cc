// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/near_misses.h"

#include "common/base/limits.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace patd {
namespace {

bool is_for_user(const Token& token, const ReleaseRequest& request) {
    return !request.username || *request.username == token.username;
}

// Nothing for a target on another host.
std::optional<Miss> miss_of(const Target& target, const ReleaseRequest& request) {
    const Origin& origin = target.origin();
    if (origin.host() != request.origin.host())
        return std::nullopt;
    if (origin.protocol() != request.origin.protocol())
        return Miss::OtherProtocol;
    if (origin != request.origin)
        return Miss::OtherPort;
    return target.covers(request.origin, request.path) ? Miss::OtherUser : Miss::OtherPath;
}

struct Search {
    Search(ReleaseRequest asked, std::string of_account, store::Survey tokens)
        : request(std::move(asked)), account(std::move(of_account)), survey(std::move(tokens)) {}

    Result<bool> step() {
        return survey.step([this](const store::StoredToken& stored) {
            // A uid that was given to somebody else does not inherit tokens.
            if (stored.token.owner_name == account)
                found.add(stored.token);
        });
    }

    ReleaseRequest request;
    std::string account;
    store::Survey survey;
    NearMisses found{request};
};

}  // namespace

void NearMisses::add(const Token& token) {
    const Target* nearest = nullptr;
    Miss why = Miss::OtherProtocol;
    for (const Target& target : token.targets) {
        const std::optional<Miss> miss = miss_of(target, request_);
        if (!miss || (nearest != nullptr && why <= *miss))
            continue;
        nearest = &target;
        why = *miss;
    }
    // A token that covers place and user name is a candidate, not a near miss.
    if (nearest == nullptr || (why == Miss::OtherUser && is_for_user(token, request_)))
        return;
    const auto place =
        std::upper_bound(misses_.begin(), misses_.end(), why,
                         [](Miss one, const NearMiss& other) { return one < other.why; });
    misses_.insert(place, {token.id, token.description, token.username, *nearest, why});
    if (misses_.size() > limits::kNearMisses)
        misses_.pop_back();
}

std::string_view miss_name(Miss miss) {
    switch (miss) {
        case Miss::OtherUser:
            return "other-user";
        case Miss::OtherPath:
            return "other-path";
        case Miss::OtherPort:
            return "other-port";
        case Miss::OtherProtocol:
            return "other-protocol";
    }
    return "";
}

void search_near_misses(const Context& context, const Caller& caller, const ReleaseRequest& request,
                        std::function<void(Result<std::vector<NearMiss>>)> callback) {
    const Uid uid = caller.uid;
    context.accounts.find_name(uid, [&store = context.store, &turns = context.turns, uid, request,
                                     callback =
                                         std::move(callback)](const Result<std::string>& account) {
        if (!account)
            return callback(account.error());
        const auto search = std::make_shared<Search>(request, *account, store.survey_owner(uid));
        turns.work(uid, [search, callback] {
            const Result<bool> more = search->step();
            if (more && *more)
                return Turns::Progress::More;
            if (more)
                callback(search->found.take());
            else
                callback(more.error());
            return Turns::Progress::Finished;
        });
    });
}

}  // namespace patd
