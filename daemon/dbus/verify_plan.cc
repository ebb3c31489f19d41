// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/verify_plan.h"

namespace patd {
namespace {

bus::Dict describe(const Verification& verification) {
    bus::Dict dict;
    dict.set("acknowledge", false);
    dict.set("valid", verification.valid.has_value());
    if (!verification.valid) {
        dict.set("reason", std::string(verify_failure_name(verification.failure)));
        return dict;
    }
    const Verified& valid = *verification.valid;
    std::vector<std::string> permissions;
    for (const Permission& permission : valid.permissions())
        permissions.push_back(permission.text());
    dict.set("id", valid.token().id.text());
    dict.set("kind", std::string(valid.child ? "child" : "issued"));
    dict.set("uid", valid.token().owner.value());
    dict.set("user", valid.token().owner_name);
    dict.set("permissions", std::move(permissions));
    dict.set("expires", valid.expires());
    return dict;
}

struct Wanted {
    std::optional<Permission> permission;
    std::optional<Origin> audience;
    std::string user;
};

Result<Wanted> read_wanted(bus::Dict options) {
    Wanted wanted;
    if (const auto text = TRY(options.take<std::string>("permission")))
        wanted.permission = TRY(Permission::parse(*text));
    if (const auto text = TRY(options.take<std::string>("audience")))
        wanted.audience = TRY(Origin::parse(*text));
    wanted.user = TRY(options.take<std::string>("user")).value_or("");
    TRY(options.expect_empty());
    return wanted;
}

}  // namespace

Result<Plan> make_verify_plan(Verifier& verifier, const Caller& caller, bus::Dict options) {
    Plan plan;
    plan.step_up = Plan::StepUp::None;
    plan.secret_prompt = "Token to verify: ";
    plan.commit = [&verifier, caller, wanted = TRY(read_wanted(std::move(options)))](
                      const TokenSecret& given,
                      const std::function<void(Result<Committed>)>& done) {
        const VerifyRequest request{wanted.permission, wanted.audience, wanted.user, "D-Bus"};
        const Result<Verification> verification = verifier.verify(caller, given.reveal(), request);
        if (!verification)
            return done(verification.error());
        Committed committed;
        committed.result = describe(*verification);
        done(std::move(committed));
    };
    return plan;
}

}  // namespace patd
