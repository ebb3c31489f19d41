// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service/bulk_import.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/token/imported_secret.h"

#include <algorithm>

namespace patd {
namespace {

using CommitDone = std::function<void(Result<Committed>)>;
using NewTokens = std::vector<store::TokenStore::NewToken>;

constexpr char kSecretsPrompt[] = "Tokens to keep, one a line: ";
constexpr char kEvent[] = "import";

// Pairs each token with its line.
Result<NewTokens> pair_up(const std::vector<Token>& tokens, std::span<const char> lines) {
    NewTokens pairs;
    pairs.reserve(tokens.size());
    for (const Token& token : tokens) {
        const auto end = std::find(lines.begin(), lines.end(), '\n');
        if (end == lines.end())
            return Errc::InvalidSecret;
        const std::span<const char> secret(lines.begin(), end);
        TRY(check_imported_secret(secret));
        pairs.emplace_back(token, SecretBuffer::copy_of(secret));
        lines = lines.subspan(secret.size() + 1);
    }
    if (!lines.empty())
        return Errc::InvalidSecret;
    return pairs;
}

void record(const Context& context, const Caller& caller, const std::vector<Token>& tokens,
            const Result<void>& written) {
    Auditor& auditor = context.auditor;
    // The change is on the disk already: a log that fails cannot take it back.
    const Result<void> recorded =
        written ? auditor.record_each(caller, caller.uid, tokens, kEvent, "ok")
                : auditor.record(caller, caller.uid, std::nullopt, kEvent,
                                 std::string(errc_name(written.error().code)));
    if (!recorded)
        log(messages::kEventLost, recorded.error(), {{"AUDIT", kEvent}});
}

Committed committed(const std::vector<Token>& tokens) {
    std::vector<std::string> ids;
    ids.reserve(tokens.size());
    for (const Token& token : tokens)
        ids.push_back(token.id.text());
    Committed result;
    result.result.set("ids", std::move(ids));
    result.result.set("acknowledge", false);
    return result;
}

}  // namespace

Plan plan_bulk_import(const Context& context, const Caller& caller, std::vector<Token> tokens) {
    Plan plan;
    plan.secret_prompt = kSecretsPrompt;
    // One of as many tokens as a user may have counts as all the operations that he may have.
    plan.weight = 1 + (tokens.size() * limits::kOperationsPerUser - 1) / limits::kTokensPerUser;
    // A line feed more for each; together never more than one user may hold in memory here.
    plan.secret_bytes_max =
        std::min(tokens.size() * (limits::kTokenSecretBytes + 1), limits::kImportSecretsBytes);
    const auto held = std::make_shared<const std::vector<Token>>(std::move(tokens));
    plan.commit = [&context, caller, held](TokenSecret given, const CommitDone& done) {
        Result<NewTokens> pairs = pair_up(*held, given.expose());
        if (!pairs)
            return done(pairs.error());
        const auto kept = std::make_shared<const NewTokens>(std::move(*pairs));
        bus::run(
            context.writer, [&context, kept] { return context.store.insert_many(*kept); },
            [&context, caller, held, done](const Result<void>& written) {
                record(context, caller, *held, written);
                if (!written)
                    return done(written.error());
                done(committed(*held));
            });
    };
    return plan;
}

}  // namespace patd
