// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/reuse_alarm.h"

#include "common/base/limits.h"
#include "daemon/release/feedback.h"
#include "daemon/release/verify.h"
#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::caller_of;
using support::Issued;
using support::kAlice;
using support::kBob;
using support::request_for;
using support::secret_of;
using support::text_of;
using Texts = std::vector<std::string>;

constexpr char kUrl[] = "https://git.example/team/repo.git";

class ReuseAlarmTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        feedback_.emplace(context());
        subscriptions_.add(caller_of(kAlice, ":1.1")).value();
        subscriptions_.add(caller_of(kBob, ":1.2")).value();
        subscriptions_.send_by([this](const std::string& connection, const OwnerSignal& signal) {
            signals_.push_back(connection + " " + signal.token.text() + " " + signal.how);
        });
    }
    // A token of Alice's whose first secret is dead; returns that secret.
    Issued regenerated() {
        Issued issued = issue(kAlice);
        newest_ = make_issued_secret(issued.token.id, random_).value();
        store_->replace_secret(issued.token.id, kAlice, newest_, {}, clock_.now()).value();
        return issued;
    }
    bool verify(const TokenSecret& secret, Uid by = kBob) {
        VerifyRequest request;
        request.where = "PAM nginx";
        return Verifier(context())
            .verify(caller_of(by), secret.reveal(), request)
            .value()
            .valid.has_value();
    }
    void show_to(const std::string& op, const TokenSecret& secret) {
        const auto done = [](const Result<void>& result) { EXPECT_TRUE(result); };
        const ReleaseRequest request = request_for(kUrl, "x");
        if (op == "store")
            feedback_->store(caller_of(kBob), request, secret_of(text_of(secret)), done);
        else if (op == "erase")
            feedback_->erase(caller_of(kBob), request, secret, done);
        else
            EXPECT_FALSE(verify(secret));
    }

    std::optional<Feedback> feedback_;
    TokenSecret newest_;
    Texts signals_;
};

TEST_F(ReuseAlarmTest, WhoeverShowsADeadSecretToWhomeverTellsItsOwnerAlone) {
    for (const char* op : {"verify", "store", "erase"}) {
        const Issued issued = regenerated();
        const std::size_t before = events(kAlice).size();
        signals_.clear();
        testing::internal::CaptureStderr();
        show_to(op, issued.secret);
        EXPECT_NE(testing::internal::GetCapturedStderr().find("<4>alarm: a dead secret"),
                  std::string::npos);
        EXPECT_EQ(signals_, Texts{":1.1 " + issued.token.id.text() + " " + op});
        EXPECT_EQ(events(kAlice).size(), before + 1) << op;
        EXPECT_EQ(events(kAlice).back(), "alarm dead") << op;
        EXPECT_TRUE(verify(newest_)) << op;
    }
    const auto newest = audit_log_->list({kAlice, std::nullopt, 1}).value();
    EXPECT_EQ(newest[0].by, kBob);
    EXPECT_EQ(newest[0].where, "https://git.example/team/repo.git");
    EXPECT_EQ(events(kBob), Texts{});
}

// A child that merely outlived its parent's secret, or its parent, is not a copy that somebody
// kept.
TEST_F(ReuseAlarmTest, AChildThatOutlivedItsParentIsAPlainRefusal) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = issue(kAlice);
    const Target target = issued.token.targets.front();
    const TokenSecret child =
        support::make_child({issued.token.id, 1, clock_.now() + 600, issued.token.permissions,
                             target, target.origin()},
                            *store_)
            .value();
    newest_ = make_issued_secret(issued.token.id, random_).value();
    store_->replace_secret(issued.token.id, kAlice, newest_, {}, clock_.now()).value();
    testing::internal::CaptureStderr();
    for (const char* op : {"verify", "store", "erase"})
        show_to(op, child);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(signals_, Texts{});
    EXPECT_TRUE(verify(newest_));
    auditor_.reset();
    EXPECT_EQ(events(kAlice), (Texts{"verify dead", "verify ok"}));
}

TEST_F(ReuseAlarmTest, AGuessedSecretOfATokenRaisesNothing) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = regenerated();
    const TokenSecret guessed = make_issued_secret(issued.token.id, random_).value();
    for (const char* op : {"verify", "store", "erase"})
        show_to(op, guessed);
    EXPECT_EQ(signals_, Texts{});
    EXPECT_TRUE(verify(newest_));
    auditor_.reset();
    EXPECT_EQ(events(kAlice), (Texts{"verify unknown", "verify ok"}));
}

TEST_F(ReuseAlarmTest, WithRevokeTheTokenThatLivesOnIsEnded) {
    state_.settings.on_reuse = OnReuse::Revoke;
    for (const char* op : {"verify", "store", "erase"}) {
        const Issued issued = regenerated();
        const Issued other = issue(kAlice);
        EXPECT_TRUE(verify(newest_));
        show_to(op, issued.secret);
        EXPECT_FALSE(verify(newest_)) << op;
        EXPECT_FALSE(stored(issued.token.id)) << op;
        EXPECT_TRUE(verify(other.secret)) << op;
        const Texts told = events(kAlice);
        // The newest secret is now dead as well: the same caller and token, in the same minute.
        EXPECT_EQ(Texts(told.end() - 2, told.end()), (Texts{"alarm dead", "delete ok"}));
    }
    for (const store::Event& event : audit_log_->list({kAlice, std::nullopt, 10}).value()) {
        if (event.event == "delete") {
            EXPECT_EQ(event.where, "OnReuse=revoke");
            EXPECT_EQ(event.by, Uid(geteuid()));
        }
    }
}

TEST_F(ReuseAlarmTest, WithRevokeItIsEndedOnceHoweverOftenItIsShownMeanwhile) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = regenerated();
    writer_.hold();
    for (int i = 0; i < 100; ++i)
        show_to("verify", issued.secret);
    EXPECT_EQ(events(kAlice), (Texts{"alarm dead", "delete begun"}));
    writer_.release();
    EXPECT_EQ(events(kAlice), (Texts{"alarm dead", "delete ok"}));
    EXPECT_FALSE(stored(issued.token.id));
}

TEST_F(ReuseAlarmTest, WithRevokeTheNextShowingTriesAgainWhatFailed) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = regenerated();
    writer_.hold();
    show_to("verify", issued.secret);
    lock_keyring();
    writer_.release();
    unlock_keyring();
    EXPECT_TRUE(stored(issued.token.id));
    show_to("verify", issued.secret);
    EXPECT_FALSE(stored(issued.token.id));
}

// Row D21.
TEST_F(ReuseAlarmTest, WithRevokeTheNextShowingTriesAgainWhatCouldNotBegin) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = regenerated();
    writer_.fail_once();
    EXPECT_THROW(show_to("verify", issued.secret), std::bad_alloc);
    EXPECT_TRUE(stored(issued.token.id));
    show_to("verify", issued.secret);
    EXPECT_FALSE(stored(issued.token.id));
}

TEST_F(ReuseAlarmTest, WithRevokeATokenThatIsGoneIsOnlyTold) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued issued = issue(kAlice);
    store_->remove(issued.token.id, kAlice, clock_.now()).value();
    show_to("verify", issued.secret);
    show_to("store", issued.secret);
    EXPECT_EQ(events(kAlice), Texts{"alarm dead"});
}

// Row D15.
// A caller that repeats it fills neither the log nor the owner's connection, and does not drown out
// what others do.
TEST_F(ReuseAlarmTest, ACallerIsHeardOnceAMinute) {
    const Issued issued = regenerated();
    testing::internal::CaptureStderr();
    for (int i = 0; i < 100; ++i)
        show_to(i % 2 == 0 ? "verify" : "store", issued.secret);
    const std::string journal = testing::internal::GetCapturedStderr();
    EXPECT_EQ(journal.find("alarm: a dead secret"), journal.rfind("alarm: a dead secret"));
    EXPECT_EQ(signals_.size(), 1U);
    EXPECT_EQ(events(kAlice).size(), 1U);
    testing::internal::CaptureStderr();
    verify(issued.secret, Uid(33));
    EXPECT_EQ(signals_.size(), 2U);
    clock_.advance(std::chrono::seconds(60));
    show_to("verify", issued.secret);
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(signals_.size(), 3U);
}

// Row D19: one dead secret, presented by each of 180 sub-uids.
TEST_F(ReuseAlarmTest, AnOwnerIsToldOfAFewCallersAndOfAllInOneNumber) {
    const Issued issued = regenerated();
    const Issued of_bob = issue(kBob);
    store_->remove(of_bob.token.id, kBob, clock_.now()).value();
    testing::internal::CaptureStderr();
    for (std::uint32_t uid = 0; uid < 180 * 60; ++uid)
        verify(issued.secret, Uid(100'000 + uid % 180));
    EXPECT_EQ(signals_.size(), limits::kRefusedRowsPerOwnerMinute + 1);
    verify(of_bob.secret, Uid(33));
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(signals_.back(), ":1.2 " + of_bob.token.id.text() + " verify");
    auditor_.reset();
    std::size_t rows = 0;
    std::size_t shown = 0;
    for (const store::Event& event : audit_log_->list({kAlice, std::nullopt, 1000}).value()) {
        rows += 1;
        shown += event.count;
    }
    EXPECT_LE(rows, 2 * (limits::kRefusedRowsPerOwnerMinute + 1));
    EXPECT_EQ(shown, 180U * 60U);
}

TEST_F(ReuseAlarmTest, TheLimitDoesNotSaveTheToken) {
    const Issued issued = regenerated();
    testing::internal::CaptureStderr();
    show_to("verify", issued.secret);
    state_.settings.on_reuse = OnReuse::Revoke;
    show_to("verify", issued.secret);
    testing::internal::GetCapturedStderr();
    EXPECT_FALSE(stored(issued.token.id));
}

}  // namespace
}  // namespace patd
