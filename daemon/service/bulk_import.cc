// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/service/bulk_import.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/token/imported_secret.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>

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

void log_lost(const Result<void>& recorded) {
    if (!recorded)
        log(messages::kEventLost, recorded.error(), {{"AUDIT", kEvent}});
}

using TokensPtr = std::shared_ptr<const std::vector<Token>>;

// One event a token, some of them in each turn of the caller; then calls back.
void record_kept(const Context& context, const Caller& caller, const TokensPtr& tokens,
                 std::function<void()> done) {
    const auto recorded = std::make_shared<std::size_t>(0);
    context.turns.work(caller.uid, [&context, caller, tokens, recorded, done = std::move(done)] {
        const std::span<const Token> left = std::span(*tokens).subspan(*recorded);
        const auto few = left.first(std::min(left.size(), limits::kIndexRowsPerStep));
        // The change is on the disk already: a log that fails cannot take it back.
        log_lost(context.auditor.record_each(caller, caller.uid, few, kEvent, "ok"));
        *recorded += few.size();
        if (few.size() < left.size())
            return Turns::Progress::More;
        done();
        return Turns::Progress::Finished;
    });
}

// Nothing was tried with secrets that cannot be kept.
void record_failed(const Context& context, const Caller& caller, Errc why) {
    if (why != Errc::InvalidSecret)
        log_lost(context.auditor.record(caller, caller.uid, std::nullopt, kEvent,
                                        std::string(errc_name(why))));
}

Committed committed(const Context& context, const std::vector<Token>& tokens) {
    std::vector<std::string> ids;
    ids.reserve(tokens.size());
    for (const Token& token : tokens)
        ids.push_back(token.id.text());
    Committed result;
    result.result.set("ids", std::move(ids));
    result.result.set("acknowledge", false);
    if (context.store.keeps_later())
        result.result.set("kept-later", true);
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
        const auto secrets = std::make_shared<const TokenSecret>(std::move(given));
        bus::run(
            context.writer,
            [&context, held, secrets]() -> Result<void> {
                const NewTokens pairs = TRY(pair_up(*held, secrets->expose()));
                return context.store.insert_many(pairs);
            },
            [&context, caller, held, done](const Result<void>& written) {
                if (written)
                    return record_kept(context, caller, held,
                                       [&context, held, done] { done(committed(context, *held)); });
                record_failed(context, caller, written.error().code);
                done(written.error());
            });
    };
    return plan;
}

}  // namespace patd
