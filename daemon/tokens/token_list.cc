// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_list.h"

#include <vector>

namespace patd {

Result<bool> TokenList::step(const Take& take) {
    std::vector<store::ListedToken> few;
    const bool more = TRY(survey_.step([&](store::StoredToken stored) {
        if (!filter_ || filter_(stored.token))
            few.push_back({std::move(stored.token), {}});
    }));
    for (store::ListedToken& listed : few) {
        listed.last_use = TRY(store_.last_use(listed.token.id));
        TRY(take(listed));
    }
    return more;
}

}  // namespace patd
