// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/tokens/token_list.h"

#include <string_view>
#include <utility>
#include <vector>

namespace patd::store {

// Everything that a survey finds, in one go.
inline Result<std::vector<StoredToken>> read_all(Survey survey) {
    std::vector<StoredToken> tokens;
    while (TRY(survey.step([&](StoredToken found) { tokens.push_back(std::move(found)); }))) {
    }
    return tokens;
}

inline Result<std::vector<StoredToken>> find_by_origin(TokenStore& store, Uid owner,
                                                       const Origin& origin) {
    return read_all(store.survey_origin(owner, origin));
}

inline Result<std::vector<StoredToken>> find_covering(TokenStore& store, Uid owner,
                                                      const Origin& origin, std::string_view path) {
    return read_all(store.survey_covering(owner, origin, path));
}

inline Result<std::vector<ListedToken>> list_tokens(TokenStore& store, Uid owner,
                                                    Quarantined quarantined = Quarantined::Hidden) {
    std::vector<ListedToken> listed;
    for (StoredToken& stored : TRY(read_all(store.survey_owner(owner, quarantined)))) {
        const LastUse last_use = TRY(store.last_use(stored.token.id));
        listed.push_back({std::move(stored.token), last_use});
    }
    return listed;
}

// The secret that a token has now.
inline Result<TokenSecret> open_secret(TokenStore& store, const TokenId& id) {
    const StoredTokenPtr found = TRY(store.find(id));
    if (!found)
        return Errc::NotFound;
    return store.open_secret(id, found->verifier);
}

}  // namespace patd::store

namespace patd {

inline Result<std::vector<store::ListedToken>> read_all(TokenList list) {
    std::vector<store::ListedToken> all;
    const auto take = [&](const store::ListedToken& listed) -> Result<void> {
        all.push_back(listed);
        return {};
    };
    while (TRY(list.step(take))) {
    }
    return all;
}

}  // namespace patd
