// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/bulk_import.h"

#include "common/base/limits.h"
#include "common/token/imported_secret.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>

namespace patd {
namespace {

using CommitDone = std::function<void(Result<Committed>)>;
using NewTokens = std::vector<store::TokenStore::NewToken>;

constexpr char kSecretsPrompt[] = "Secrets, one a line: ";
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
        TRY(check_imported_secret(secret, token.secret_kind));
        pairs.emplace_back(token, SecretBuffer::copy_of(secret));
        lines = lines.subspan(secret.size() + 1);
    }
    if (!lines.empty())
        return Errc::InvalidSecret;
    return pairs;
}

std::size_t most_bytes(const std::vector<Token>& tokens) {
    std::size_t bytes = 0;
    for (const Token& token : tokens)
        bytes += largest_secret(token.secret_kind) + 1;
    return bytes;
}

using TokensPtr = std::shared_ptr<const std::vector<Token>>;

using Marks = std::vector<store::BegunEvents>;

// The state of one commit: one event per token, some of them in each turn of the caller.
struct Import {
    const Context& context;
    Caller caller;
    TokensPtr tokens;
    CommitDone done;
    NewTokens pairs = {};
    Marks begun = {};
    std::size_t tokens_begun = 0;
    std::size_t marks_ended = 0;
};
using ImportPtr = std::shared_ptr<Import>;

// Records the result in each event, or withdraws it if nothing was attempted; then calls back.
void end_events(const ImportPtr& import, bool are_kept, std::function<void()> done) {
    const Context& context = import->context;
    context.turns.work(import->caller.uid, [import, are_kept, done = std::move(done)] {
        if (import->marks_ended == import->begun.size()) {
            done();
            return Turns::Progress::Finished;
        }
        const store::BegunEvents& mark = import->begun[import->marks_ended++];
        if (are_kept)
            import->context.auditor.end(mark, "ok");
        else
            import->context.auditor.withdraw(mark);
        return Turns::Progress::More;
    });
}

void give_up(const ImportPtr& import, const Error& why) {
    end_events(import, false, [import, why] {
        import->context.auditor.record_done(import->caller, import->caller.uid, std::nullopt,
                                            kEvent, std::string(errc_name(why.code)));
        import->done(why);
    });
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

void keep(const ImportPtr& import) {
    bus::run(
        import->context.writer,
        [import]() -> Result<void> {
            TRY(import->context.audit_log.sync_events());
            return import->context.store.insert_many(import->pairs);
        },
        [import](const Result<void>& written) {
            if (!written)
                return give_up(import, written.error());
            end_events(import, true,
                       [import] { import->done(committed(import->context, *import->tokens)); });
        });
}

// The next events; after the last of them the tokens are kept.
Turns::Progress begin_some(const ImportPtr& import) {
    const std::span<const Token> left = std::span(*import->tokens).subspan(import->tokens_begun);
    const auto few = left.first(std::min(left.size(), limits::kIndexRowsPerStep));
    const Caller& caller = import->caller;
    const auto begun = import->context.auditor.begin_each(caller, caller.uid, few, kEvent);
    if (!begun) {
        give_up(import, begun.error());
        return Turns::Progress::Finished;
    }
    import->begun.push_back(*begun);
    import->tokens_begun += few.size();
    if (few.size() < left.size())
        return Turns::Progress::More;
    keep(import);
    return Turns::Progress::Finished;
}

}  // namespace

Plan plan_bulk_import(const Context& context, const Caller& caller, std::vector<Token> tokens) {
    Plan plan;
    plan.secret_prompt = kSecretsPrompt;
    // An import of as many tokens as a user may have counts as all the operations that a user may
    // have.
    plan.weight = 1 + (tokens.size() * limits::kOperationsPerUser - 1) / limits::kTokensPerUser;
    // One line feed more for each; in total never more than one user may hold in memory here.
    plan.secret_bytes_max = std::min(most_bytes(tokens), limits::kImportSecretsBytes);
    const auto held = std::make_shared<const std::vector<Token>>(std::move(tokens));
    plan.commit = [&context, caller, held](TokenSecret given, const CommitDone& done) {
        const auto secrets = std::make_shared<const TokenSecret>(std::move(given));
        const auto import = std::make_shared<Import>(Import{context, caller, held, done});
        bus::run(
            context.writer, [held, secrets] { return pair_up(*held, secrets->reveal()); },
            [import](Result<NewTokens> pairs) {
                // Nothing was attempted with secrets that cannot be kept.
                if (!pairs)
                    return import->done(pairs.error());
                import->pairs = std::move(*pairs);
                const Context& parts = import->context;
                parts.turns.work(import->caller.uid, [import] { return begin_some(import); });
            });
    };
    return plan;
}

}  // namespace patd
