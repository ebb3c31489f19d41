// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/admin_import.h"

#include <string>

namespace patd {
namespace {

Result<Plan> plan_for(const Context& context, const Caller& root, Uid owner,
                      const NewToken& request) {
    TRY(check_room(context, owner, 1));
    const Token token = TRY(make_imported(context, owner, request));
    Plan plan = plan_given(context, {root, owner, token.id, "import"}, token,
                           [&store = context.store, token](const TokenSecret& secret) {
                               return store.insert(token, secret);
                           });
    plan.step_up = Plan::StepUp::None;
    return plan;
}

}  // namespace

void plan_admin_import(const Context& context, const Caller& root, const NewToken& request,
                       const std::function<void(Result<Plan>)>& callback) {
    context.accounts.find_uid(
        request.owner_name, [&context, root, request, callback](const Result<Uid>& uid) {
            if (!uid)
                return callback(uid.error());
            if (!uid->may_own_tokens())
                return callback(Errc::AccessDenied);
            context.accounts.find_name(*uid, [&context, root, request, callback,
                                              owner = *uid](const Result<std::string>& name) {
                if (!name)
                    return callback(name.error());
                // If two names share a uid, nobody can say whose the token would be.
                if (*name != request.owner_name)
                    return callback(Errc::AccessDenied);
                callback(plan_for(context, root, owner, request));
            });
        });
}

}  // namespace patd
