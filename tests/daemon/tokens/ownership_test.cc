// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/feedback.h"
#include "daemon/release/release.h"
#include "daemon/release/verify.h"
#include "daemon/tokens/token_service.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/read_store.h"

#include <algorithm>
#include <map>
#include <random>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
using support::kCarol;
using support::name_of;
using support::request_for;
using support::secret_of;
using support::text_of;

constexpr Uid kUsers[] = {kAlice, kBob, kCarol};
constexpr char kUrl[] = "https://git.example/repo";

// What a token must be, as far as this test checks.
struct Model {
    Uid owner;
    TokenKind kind;
    std::string secret;
    std::string description;
    bool rejected = false;
};

// Random operations of three users, each on a random token of anybody, against a model in which
// users reach only their own (A4). All tokens have the same target, so that only the owner keeps
// them apart.
class Ownership : public support::ServiceFixture, public ::testing::WithParamInterface<unsigned> {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        dice_.seed(GetParam());
        tokens_.emplace(context());
        state_.settings.accept_store = false;
        feedback_.emplace(context());
    }

    std::size_t roll(std::size_t sides) { return dice_() % sides; }
    TokenId any_id() {
        if (model_.empty())
            return TokenId::generate(random_).value();
        return std::next(model_.begin(), static_cast<std::ptrdiff_t>(roll(model_.size())))->first;
    }
    // The token if it is the user's own.
    Model* own(Uid user, const TokenId& id) {
        const auto found = model_.find(id);
        return found != model_.end() && found->second.owner == user ? &found->second : nullptr;
    }
    static TokenId id_of(const Committed& done) {
        return TokenId::parse(std::get<std::string>(*done.result.find("id"))).value();
    }

    void create(Uid user) {
        const Committed shown = commit(tokens_->create(caller_of(user), request(user))).value();
        acknowledge(shown).value();
        model_.emplace(id_of(shown),
                       Model{user, TokenKind::Issued, text_of(*shown.secret), "made"});
    }
    void import_one(Uid user) {
        const std::string secret = "foreign-" + std::to_string(dice_());
        NewToken wanted = request(user);
        wanted.options.username = name_of(user);
        const Committed done = commit(tokens_->import(caller_of(user), wanted), secret).value();
        model_.emplace(id_of(done), Model{user, TokenKind::Imported, secret, "made"});
    }
    NewToken request(Uid user) {
        NewToken wanted;
        wanted.owner_name = name_of(user);
        wanted.description = "made";
        wanted.permissions = parse_permission_list("vcs:repository:rw").value();
        wanted.options.targets = parse_targets({"https://git.example"}).value();
        return wanted;
    }
    void update(Uid user) {
        const TokenId id = any_id();
        TokenChange change;
        change.description = "edited " + std::to_string(roll(1000));
        const Result<Plan> plan = tokens_->update(caller_of(user), id, change);
        Model* token = own(user, id);
        ASSERT_EQ(plan.has_value(), token != nullptr);
        if (token == nullptr)
            return;
        commit(plan).value();
        token->description = *change.description;
    }
    void regenerate(Uid user) {
        const TokenId id = any_id();
        const Result<Plan> plan = tokens_->regenerate(caller_of(user), id, {});
        Model* token = own(user, id);
        ASSERT_EQ(plan.has_value(), token != nullptr);
        if (token == nullptr)
            return;
        const std::string given = "foreign-" + std::to_string(dice_());
        const Committed done = commit(plan, given).value();
        if (token->kind == TokenKind::Issued)
            acknowledge(done).value();
        dead_.push_back(token->secret);
        token->secret = token->kind == TokenKind::Issued ? text_of(*done.secret) : given;
        token->rejected = false;
    }
    void remove(Uid user) {
        const TokenId id = any_id();
        const Result<Plan> plan = tokens_->remove(caller_of(user), id);
        Model* token = own(user, id);
        ASSERT_EQ(plan.has_value(), token != nullptr);
        if (token == nullptr)
            return;
        commit(plan).value();
        dead_.push_back(token->secret);
        model_.erase(id);
    }
    void remove_all(Uid user) {
        commit(tokens_->remove_all(caller_of(user), name_of(user))).value();
        std::erase_if(model_, [&](const auto& entry) { return entry.second.owner == user; });
    }
    // What was begun may need more time than a turn has left.
    void run_turns() {
        while (!turns_.is_idle())
            turns_.run_round();
    }
    void erase(Uid user) {
        const auto found = model_.find(any_id());
        if (found == model_.end())
            return;
        feedback_->erase(caller_of(user), request_for("https://git.example"),
                         secret_of(found->second.secret),
                         [](const Result<void>& done) { EXPECT_TRUE(done.has_value()); });
        run_turns();
        if (found->second.owner == user && found->second.kind == TokenKind::Imported)
            found->second.rejected = true;
    }
    void toggle_lock(Uid user) {
        if (std::exchange(locked_[user], !locked_[user]))
            commit(tokens_->unlock(caller_of(user))).value();
        else
            tokens_->lock(caller_of(user), [](const Result<void>&) {});
    }

    // A release must give a token of the user's, and of no other.
    void get(Uid user) {
        Releaser releaser(context());
        std::optional<Judgement> judgement;
        releaser.judge(caller_of(user), request_for(kUrl), std::nullopt,
                       [&](auto result) { judgement.emplace(std::move(result).value()); });
        run_turns();
        const Selection& selection = judgement->selection;
        for (const Candidate& candidate : judgement->candidates)
            EXPECT_NE(own(user, candidate.token.id), nullptr);
        releaser.get(caller_of(user), request_for(kUrl), [&](const auto& released) {
            ASSERT_EQ(released.has_value() && released->has_value(),
                      selection.released.has_value());
            if (!selection.released)
                return;
            EXPECT_FALSE(locked_[user]);
            const Model* token =
                own(user, selection.judged[*selection.released].candidate->token.id);
            ASSERT_NE(token, nullptr);
            EXPECT_FALSE(token->rejected);
            EXPECT_EQ((*released)->username, name_of(user));
            if (token->kind == TokenKind::Imported) {
                EXPECT_EQ(text_of((*released)->password), token->secret);
            }
        });
        run_turns();
    }

    void step() {
        const Uid user = kUsers[roll(std::size(kUsers))];
        using Operation = void (Ownership::*)(Uid);
        static constexpr Operation kOperations[] = {
            &Ownership::create, &Ownership::create,      &Ownership::import_one,
            &Ownership::update, &Ownership::regenerate,  &Ownership::remove,
            &Ownership::erase,  &Ownership::toggle_lock, &Ownership::get,
            &Ownership::get,    &Ownership::get};
        (this->*kOperations[roll(std::size(kOperations))])(user);
        if (roll(40) == 0)
            remove_all(user);
    }

    void expect_store_is_model() {
        std::size_t listed_in_all = 0;
        for (const Uid user : kUsers) {
            const auto listed = read_all(tokens_->list(caller_of(user), name_of(user))).value();
            listed_in_all += listed.size();
            for (const store::ListedToken& token : listed) {
                const Model* expected = own(user, token.token.id);
                ASSERT_NE(expected, nullptr);
                EXPECT_EQ(token.token.description, expected->description);
                EXPECT_EQ(token.token.state == TokenState::Rejected, expected->rejected);
            }
        }
        EXPECT_EQ(listed_in_all, model_.size());
    }
    void expect_secrets_are_those_of_the_model() {
        Verifier verifier(context());
        for (const auto& [id, token] : model_) {
            if (token.kind == TokenKind::Imported) {
                EXPECT_EQ(text_of(open_secret(*store_, id).value()), token.secret);
                continue;
            }
            const TokenSecret secret = secret_of(token.secret);
            const auto found = verifier.verify(caller_of(Uid(33)), secret.reveal(), {}).value();
            EXPECT_EQ(found.valid.has_value(), !locked_[token.owner]);
            if (found.valid) {
                EXPECT_EQ(found.valid->token().owner, token.owner);
            }
        }
        for (const std::string& dead : dead_) {
            const TokenSecret secret = secret_of(dead);
            EXPECT_FALSE(
                verifier.verify(caller_of(Uid(33)), secret.reveal(), {}).value().valid.has_value());
        }
    }

    std::mt19937 dice_;
    std::map<TokenId, Model> model_;
    std::map<Uid, bool> locked_;
    std::vector<std::string> dead_;
    std::optional<TokenService> tokens_;
    std::optional<Feedback> feedback_;
};

// Row A4.
TEST_P(Ownership, NobodyEverReachesATokenOfSomebodyElse) {
    for (int i = 0; i < 250 && !HasFatalFailure(); ++i) {
        step();
        if (i % 25 == 0)
            expect_store_is_model();
    }
    expect_store_is_model();
    expect_secrets_are_those_of_the_model();
}

// Row A13: alice's account is gone, and her uid belongs to somebody else before anybody noticed.
class RecycledUid : public support::BusFixture {
  protected:
    void SetUp() override {
        BusFixture::SetUp();
        Token token = support::make_token(kAlice, TokenKind::Issued);
        token.owner_name = "alice-of-before";
        TokenSecret secret = make_issued_secret(token.id, random_).value();
        store_->insert(token, secret).value();
        before_ = token.id;
        own_ = issue(kAlice).token.id;
    }

    std::optional<TokenId> before_;
    std::optional<TokenId> own_;
};

TEST_F(RecycledUid, SeesNothingOfTheAccountThatHadItBefore) {
    const auto listed = read_all(tokens_->list(caller_of(kAlice), name_of(kAlice))).value();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.front().token.id, *own_);
    const support::Reply list = manager(support::kAliceBus, "List");
    ASSERT_TRUE(list.ok());
    EXPECT_GT(sd_bus_message_enter_container(list.message.get(), 'a', "(oa{sv})"), 0);
    EXPECT_GT(sd_bus_message_skip(list.message.get(), "(oa{sv})"), 0);
    EXPECT_GT(sd_bus_message_at_end(list.message.get(), 0), 0);
    EXPECT_EQ(token(support::kAliceBus, before_->view(), "Show").error,
              support::patd_error(Errc::NotFound));
    EXPECT_TRUE(token(support::kAliceBus, own_->view(), "Show").ok());
    for (const char* member : {"Update", "Regenerate"})
        EXPECT_EQ(token(support::kAliceBus, before_->view(), member, support::with({})).error,
                  support::patd_error(Errc::NotFound))
            << member;
    EXPECT_EQ(token(support::kAliceBus, before_->view(), "Delete").error,
              support::patd_error(Errc::NotFound));
}

// Row A13.
TEST_F(RecycledUid, RemovesAllOfItsOwnAndNothingElse) {
    const std::string path = manager(support::kAliceBus, "RemoveAll").path();
    prove(support::kAliceBus, path);
    support::ClientSink sink(kAlice);
    ASSERT_TRUE(commit(support::kAliceBus, path, sink).ok());
    EXPECT_FALSE(stored(*own_));
    EXPECT_TRUE(stored(*before_));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Ownership, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace patd
