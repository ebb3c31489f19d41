// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/token_store.h"

#include <functional>
#include <utility>

namespace patd {

// An owner's tokens with their last uses, oldest first, in steps of a bounded size
// (daemon/store/tokens/survey.h). Thread rule: the loop's thread.
class TokenList {
  public:
    using Filter = std::function<bool(const Token&)>;
    using Take = std::function<Result<void>(const store::ListedToken&)>;

    // Only those that `filter`, if set, accepts. `store` must outlive it.
    TokenList(store::TokenStore& store, store::Survey survey, Filter filter = {})
        : store_(store), survey_(std::move(survey)), filter_(std::move(filter)) {}

    // Gives `take` a few more. Returns whether there may be more. Errors as in TokenStore and
    // `take`.
    Result<bool> step(const Take& take);

  private:
    store::TokenStore& store_;
    store::Survey survey_;
    Filter filter_;
};

}  // namespace patd
