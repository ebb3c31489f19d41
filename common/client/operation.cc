// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/operation.h"

#include "common/base/names.h"

#include <array>
#include <string_view>

namespace patd::client {
namespace {

struct KindRow {
    std::string_view name;
    PromptKind kind;
};

constexpr std::array kKinds = {
    KindRow{"secret", PromptKind::Secret}, KindRow{"visible", PromptKind::Visible},
    KindRow{"info", PromptKind::Info},     KindRow{"error", PromptKind::ErrorText},
    KindRow{"done", PromptKind::Done},     KindRow{"token-secret", PromptKind::TokenSecret},
};

Result<PromptKind> kind_from_name(std::string_view name) {
    for (const KindRow& row : kKinds) {
        if (row.name == name)
            return row.kind;
    }
    return Error{Errc::Internal, "the service asks for something that this version does not know"};
}

}  // namespace

Result<Message> Operation::call(const char* member) {
    const Message call = TRY(connection_.new_call(path_, names::kOperationInterface, member));
    return connection_.call(call);
}

Result<Prompt> Operation::next() {
    const Message call = TRY(connection_.new_call(path_, names::kOperationInterface, "Next"));
    Message reply = TRY(connection_.call(call, kNextTimeout));
    const PromptKind kind = TRY(kind_from_name(TRY(reply.read_text())));
    std::string text = TRY(reply.read_text());
    UniqueFd sink = TRY(reply.read_descriptor());
    return Prompt{kind, std::move(text), std::move(sink)};
}

Result<Dictionary> Operation::commit(const SecretSink& sink) {
    connection_.give_up_at(-1);
    Message call = TRY(connection_.new_call(path_, names::kOperationInterface, "Commit"));
    TRY(call.append_descriptor(sink.passed()));
    Message reply = TRY(connection_.call(call));
    return reply.read_dictionary();
}

Result<void> Operation::acknowledge() {
    TRY(call("Acknowledge"));
    return {};
}

Result<void> Operation::cancel() {
    connection_.give_up_at(-1);
    TRY(call("Cancel"));
    return {};
}

}  // namespace patd::client
