// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/miss_search.h"

#include <memory>
#include <string>
#include <utility>

namespace patd {
namespace {

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
