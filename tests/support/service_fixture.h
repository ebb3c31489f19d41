// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token_string.h"
#include "daemon/context/context.h"
#include "daemon/operation/plan.h"
#include "daemon/release/child_token.h"
#include "daemon/release/selection.h"
#include "tests/support/executors.h"
#include "tests/support/failing_random.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patd::support {

// Three accounts that every Debian has, with the uid and name from base-passwd, so that names are
// really looked up.
inline constexpr Uid kAlice{1};  // daemon
inline constexpr Uid kBob{2};    // bin
inline constexpr Uid kCarol{3};  // sys

inline std::string name_of(Uid uid) {
    constexpr const char* kNames[] = {"root", "daemon", "bin", "sys"};
    return kNames[uid.value()];
}

inline MasterKey master_key(char fill = 'k') {
    return MasterKey(SecretBuffer::copy_of(std::string(32, fill)));
}

inline Caller caller_of(Uid uid, std::string connection = "line") {
    return {uid, std::move(connection)};
}

inline TokenSecret secret_of(std::string_view text) {
    return TokenSecret(SecretBuffer::copy_of({text.data(), text.size()}));
}

// For tests only: copies a secret so that an expectation can compare it.
inline std::string text_of(const TokenSecret& secret) {
    return {secret.reveal().data(), secret.size()};
}

inline ReleaseRequest request_for(std::string_view url, std::optional<std::string> username = {}) {
    const Target target = Target::parse(url).value();
    return {target.origin(), target.path(), std::move(username)};
}

struct TokenSpec {
    std::string permissions = "vcs:repository:rw";
    std::vector<std::string> targets = {"https://git.example"};
    std::string username = {};  // "": the owner's name
    UnixTime expires = 0;
    Confirm confirm = Confirm::Never;
};

inline Token make_token(Uid owner, TokenKind kind, const TokenSpec& spec = {}) {
    SystemRandom random;
    Token token{TokenId::generate(random).value(), owner, name_of(owner)};
    token.kind = kind;
    token.confirm = spec.confirm;
    token.description = "a laptop";
    if (!spec.permissions.empty())
        token.permissions = parse_permission_list(spec.permissions).value();
    token.targets = parse_targets(spec.targets).value();
    token.username = spec.username.empty() ? name_of(owner) : spec.username;
    token.created = FakeClock::kStart;
    token.expires = spec.expires;
    return token;
}

// Some objects, as a file of permissions.d would define them.
inline Catalogue test_catalogue() {
    Catalogue catalogue;
    catalogue.set({"vcs", "", {}, "Code and what happens to it"});
    catalogue.set({"vcs", "repository", ObjectAccess::ReadWrite, "Repositories"});
    catalogue.set({"vcs", "issue", ObjectAccess::ReadWrite, "Issues"});
    catalogue.set({"ci", "build", ObjectAccess::ReadWrite, "Builds"});
    catalogue.set({"user", "profile", ObjectAccess::ReadOnly, "The account"});
    return catalogue;
}

inline Result<TokenSecret> make_child(const ChildClaims& claims, store::TokenStore& store) {
    SecretBuffer scratch(kChildBytesMax);
    const store::StoredTokenPtr parent = store.find(claims.parent).value();
    if (!parent)
        return Errc::NotFound;
    Result<TokenSecret> child = patd::make_child(claims, parent->token, store, scratch);
    EXPECT_EQ(scratch.size(), 0U);
    return child;
}

struct Issued {
    Token token;
    TokenSecret secret;
};

// The daemon's parts as Daemon builds them: a real store, audit log and account look-up; only the
// clock, the randomness and the threads are the test's.
class ServiceFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        state_.catalogue = test_catalogue();
        store_ = store::TokenStore::open({directory_.path(), true}, master_key(), random_).value();
        audit_log_ = store::AuditLog::open(directory_.path()).value();
        start_auditor();
    }

    // The shared parts, for a use-case's constructor.
    Context context() {
        return {*store_, *audit_log_, writer_, *auditor_,      locks_.value(),       accounts_,
                clock_,  random_,     state_,  subscriptions_, reuse_alarm_.value(), units_,
                turns_,  limited_};
    }

    // What tells Lots whether a uid owns a token.
    std::function<bool(Uid)> owner_test() {
        return [this](Uid uid) {
            const Result<std::size_t> tokens = store_->count(uid);
            return tokens && *tokens > 0;
        };
    }

    // Closes the store as a locked keyring would, and opens it as when it is unlocked.
    void lock_keyring() {
        store_->detach_reader(Errc::StoreLocked);
        store_->detach_writer(Errc::StoreLocked);
    }
    void unlock_keyring() {
        const auto opened =
            store::TokenStore::open({directory_.path(), true}, master_key(), random_).value();
        store_->attach_writer(*opened);
        store_->attach_reader(*opened);
    }

    void start_auditor() {
        auditor_ = std::make_unique<Auditor>(
            Auditor::Parts{*loop_, writer_, *audit_log_, *store_, clock_});
        locks_.emplace(*store_, clock_);
        reuse_alarm_.emplace(
            ReuseAlarm::Parts{*store_, writer_, *auditor_, clock_, state_, subscriptions_});
    }

    Issued issue(Uid owner, const TokenSpec& spec = {}) {
        Token token = make_token(owner, TokenKind::Issued, spec);
        TokenSecret secret = make_issued_secret(token.id, random_).value();
        store_->insert(token, secret).value();
        return {std::move(token), std::move(secret)};
    }
    Token import(Uid owner, std::string_view secret, const TokenSpec& spec = {}) {
        Token token = make_token(owner, TokenKind::Imported, spec);
        store_->insert(token, secret_of(secret)).value();
        return token;
    }
    std::optional<Token> stored(const TokenId& id) {
        const auto found = store_->find(id).value();
        return found ? std::optional<Token>(found->token) : std::nullopt;
    }
    void edit(const Token& token, const store::TokenStore::Change& change) {
        store_->update(token.id, token.owner, change).value();
    }

    // Runs a plan as an operation does after its step-up.
    static Result<Committed> commit(const Result<Plan>& plan, std::string_view given = {}) {
        std::optional<Result<Committed>> result;
        plan.value().commit(secret_of(given),
                            [&](Result<Committed> answer) { result.emplace(std::move(answer)); });
        return std::move(result).value();
    }
    static Result<void> acknowledge(const Committed& committed) {
        std::optional<Result<void>> result;
        committed.acknowledge([&](const Result<void>& answer) { result.emplace(answer); });
        return result.value();
    }

    // An owner's events, oldest first, as "event outcome".
    std::vector<std::string> events(Uid owner) {
        std::vector<std::string> texts;
        const auto newest_first = audit_log_->list({owner, std::nullopt, 1000}).value();
        for (const store::Event& event : newest_first)
            texts.insert(texts.begin(), event.event + " " + event.outcome);
        return texts;
    }

    TemporaryDirectory directory_;
    FakeClock clock_;
    ServiceState state_;
    FailingRandom random_;
    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    ImmediateExecutor writer_;
    ImmediateExecutor lookups_;
    Accounts accounts_{lookups_, clock_};
    std::unique_ptr<store::TokenStore> store_;
    std::unique_ptr<store::AuditLog> audit_log_;
    std::optional<Locks> locks_;
    UnitLookup units_{*loop_};
    Turns turns_{*loop_};
    Limited limited_{clock_};
    std::unique_ptr<Auditor> auditor_;
    Subscriptions subscriptions_;
    std::optional<ReuseAlarm> reuse_alarm_;
};

}  // namespace patd::support
