// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/adapters/secret_line.h"

namespace patd::credential_helper {
namespace {

// ansible: "did not find a secret"; any other status but 0 is a failure.
constexpr int kVaultNone = 2;

Result<Question> parse_vault(const Call& call) {
    if (call.arguments.size() != 2 || call.arguments[0] != "--vault-id")
        return only_complaint("usage: pat-vault-client --vault-id LABEL; ansible starts it");
    Question question;
    question.verb = Verb::Get;
    TRY(take_place(call.arguments[1], question, "vault://"));
    return question;
}

}  // namespace

const Adapter kVault = {
    .name = "pat-vault-client",
    .tool = "ansible",
    .none = {kVaultNone, "", "no token fits this label; 'patctl list' shows yours"},
    .parse = parse_vault,
    .write = write_secret_line,
};

}  // namespace patd::credential_helper
