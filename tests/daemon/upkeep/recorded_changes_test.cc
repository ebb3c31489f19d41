// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// No change without its event: while the audit log cannot be written, everything is refused, and
// the store stays unchanged. Verb by verb.
#include "daemon/release/feedback.h"
#include "daemon/tokens/admin_import.h"
#include "daemon/tokens/token_service.h"
#include "daemon/upkeep/admin_service.h"
#include "daemon/upkeep/clock_keeper.h"
#include "daemon/upkeep/expiry_notices.h"
#include "daemon/upkeep/owner_check.h"
#include "tests/support/client_sink.h"
#include "tests/support/locked_log.h"
#include "tests/support/power_cut.h"
#include "tests/support/read_store.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <sys/mman.h>

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

constexpr char kTeamRepository[] = "https://git.example/team/repo.git";
const Uid kRoot{0};

class RecordedChangesTest : public support::ServiceFixture {
  protected:
    using Verb = std::function<Result<void>()>;

    void SetUp() override {
        power_cut_.emplace(directory_.path());
        ServiceFixture::SetUp();
        context_.emplace(context());
        tokens_.emplace(*context_);
        feedback_.emplace(*context_);
        rotation_.emplace(*loop_, *context_, find_key_);
        admin_.emplace(*context_, find_key_, writer_, *rotation_);
        store_watch_.emplace(directory_.path());
    }
    // For anything that calls back, at once or in turns of the loop.
    template <typename T>
    Result<void> answer(const std::function<void(std::function<void(Result<T>)>)>& begin) {
        std::optional<Result<void>> answer;
        begin([&answer](const Result<T>& done) {
            answer.emplace(done ? Result<void>() : Result<void>(done.error()));
        });
        support::turn_until(*loop_, [&] { return answer.has_value(); });
        return answer.value();
    }
    Result<void> answer(const std::function<void(Done)>& begin) { return answer<void>(begin); }
    Result<void> carry_out(const Result<Plan>& plan, std::string_view given = {}) {
        return answer<Committed>([&](std::function<void(Result<Committed>)> done) {
            plan.value().commit(secret_of(given), std::move(done));
        });
    }
    Result<void> store(std::string_view url, const std::string& secret) {
        return answer([&](Done done) {
            feedback_->store(caller_of(kAlice), request_for(url, "me"), secret_of(secret),
                             std::move(done));
        });
    }
    // Checks that it is refused while the log cannot be written, and then done with its event.
    void expect_recorded(const char* name, const Verb& verb, Uid owner = kAlice) {
        Texts before = events(owner);
        (void)store_watch_->has_changed();
        {
            const support::LockedLog locked(directory_.path());
            const Result<void> refused = verb();
            ASSERT_FALSE(refused) << name;
            EXPECT_EQ(refused.error().code, Errc::Unavailable) << name;
        }
        EXPECT_FALSE(store_watch_->has_changed()) << name << ": a change without its event";
        EXPECT_EQ(events(owner), before) << name;
        const Result<void> done = verb();
        EXPECT_TRUE(done) << name << (done ? "" : errc_name(done.error().code));
        EXPECT_GT(events(owner).size(), before.size()) << name;
        for (const std::string& event : events(owner))
            EXPECT_FALSE(event.ends_with(" begun")) << name << ": " << event;
        if (store_watch_->has_changed()) {
            EXPECT_GT(events_after_power_cut(owner), before.size()) << name;
        }
    }
    // A change that is on disk must not be there without its event.
    std::size_t events_after_power_cut(Uid owner) const {
        const support::TemporaryDirectory after;
        power_cut_->leave_in(after.path());
        const auto log = store::AuditLog::open(after.path()).value();
        return log->list({owner, std::nullopt, 1000}).value().size();
    }
    NewToken new_token() const {
        NewToken request{"daemon", "a laptop", {}, {}};
        request.permissions = parse_permission_list("vcs:repository:ro").value();
        return request;
    }
    NewToken new_import() const {
        NewToken request{"daemon", "elsewhere", {}, {}};
        request.options.targets = parse_targets({"https://git.example"}).value();
        request.options.username = "robot";
        return request;
    }

    std::optional<support::PowerCut> power_cut_;
    AdminService::FindKey find_key_ = [] { return support::master_key(); };
    std::optional<Context> context_;
    std::optional<TokenService> tokens_;
    std::optional<Feedback> feedback_;
    std::optional<KeyRotation> rotation_;
    std::optional<AdminService> admin_;
    std::optional<support::StoreWatch> store_watch_;
};

// Row L3.
TEST_F(RecordedChangesTest, OfWhatAnOwnerAsksForOverTheBus) {
    const Caller alice = caller_of(kAlice);
    const Issued issued = issue(kAlice);
    const Token imported = import(kAlice, "ghp_elsewhere");
    TokenChange edited;
    edited.description = "renamed";
    expect_recorded("create", [&] { return carry_out(tokens_->create(alice, new_token())); });
    expect_recorded("import",
                    [&] { return carry_out(tokens_->import(alice, new_import()), "ghp_another"); });
    expect_recorded("import of many", [&] {
        std::vector<Token> many;
        std::string secrets;
        for (int i = 0; i < 200; ++i) {
            many.push_back(support::make_token(kAlice, TokenKind::Imported));
            secrets += "secret" + std::to_string(i) + "\n";
        }
        return carry_out(tokens_->import_many(alice, std::move(many)), secrets);
    });
    expect_recorded("edit",
                    [&] { return carry_out(tokens_->update(alice, issued.token.id, edited)); });
    expect_recorded("regenerate",
                    [&] { return carry_out(tokens_->regenerate(alice, issued.token.id, {})); });
    expect_recorded("regenerate of an imported one", [&] {
        return carry_out(tokens_->regenerate(alice, imported.id, {}), "ghp_newer");
    });
    expect_recorded("confirm", [&] {
        return carry_out(tokens_->open_for(alice, issued.token.id, std::chrono::seconds(60)));
    });
    expect_recorded("delete", [&] { return carry_out(tokens_->remove(alice, imported.id)); });
    expect_recorded("remove-all", [&] { return carry_out(tokens_->remove_all(alice, "daemon")); });
}

TEST_F(RecordedChangesTest, OfANewSecretBeforeItBecomesValid) {
    const Caller alice = caller_of(kAlice);
    const Committed made = commit(tokens_->create(alice, new_token())).value();
    expect_recorded("acknowledge of create", [&] { return acknowledge(made); });
    const TokenId id = store::list_tokens(*store_, kAlice).value().front().token.id;
    const Committed shown = commit(tokens_->regenerate(alice, id, {})).value();
    expect_recorded("acknowledge of regenerate", [&] { return acknowledge(shown); });
}

TEST_F(RecordedChangesTest, OfTheServicePasswordBeforeItsStepUpSetsIt) {
    Plan plan = tokens_->set_service_password(caller_of(kAlice)).value();
    expect_recorded("password", [&]() -> Result<void> {
        TRY(plan.step_up_begins());
        plan.step_up_ended({});
        return {};
    });
    plan.step_up_begins().value();
    plan.step_up_ended(Errc::WrongPassword);
    EXPECT_EQ(events(kAlice), (Texts{"password ok", "password WrongPassword"}));
}

// It is locked at once, whatever the disk says; the log gets the event when it can.
TEST_F(RecordedChangesTest, OfALockAndAnUnlock) {
    const auto lock = [&] {
        return answer([&](Done done) { tokens_->lock(caller_of(kAlice), std::move(done)); });
    };
    {
        const support::LockedLog locked(directory_.path());
        EXPECT_EQ(lock().error().code, Errc::Unavailable);
        EXPECT_EQ(lock().error().code, Errc::Unavailable);
        EXPECT_TRUE(locks_->is_locked(kAlice).value()) << "a lock does not wait";
    }
    EXPECT_FALSE(store_watch_->has_changed());
    EXPECT_TRUE(support::turn_until(*loop_, [&] { return !events(kAlice).empty(); }));
    EXPECT_EQ(events(kAlice), Texts{"lock Unavailable"}) << "once";
    ASSERT_TRUE(lock());
    EXPECT_TRUE(store_watch_->has_changed());
    expect_recorded("unlock", [&] { return carry_out(tokens_->unlock(caller_of(kAlice))); });
    EXPECT_EQ(events(kAlice), (Texts{"lock Unavailable", "lock ok", "unlock ok"}));
}

// Row L3.
TEST_F(RecordedChangesTest, OfWhatGitStoresAndErases) {
    const auto erase = [&](const std::string& secret) {
        return answer([&](Done done) {
            feedback_->erase(caller_of(kAlice), request_for(kTeamRepository, "me"),
                             secret_of(secret), std::move(done));
        });
    };
    expect_recorded("store", [&] { return store(kTeamRepository, "first"); });
    expect_recorded("store of another secret", [&] { return store(kTeamRepository, "second"); });
    expect_recorded("erase", [&] { return erase("second"); });
    expect_recorded("store of what was refused", [&] { return store(kTeamRepository, "second"); });
    expect_recorded("erase without a secret", [&] {
        return answer([&](Done done) {
            feedback_->forget(caller_of(kAlice), request_for(kTeamRepository, "me"),
                              std::move(done));
        });
    });
    const Issued issued = issue(kAlice);
    expect_recorded("store of an issued one",
                    [&] { return store(kTeamRepository, text_of(issued.secret)); });
    expect_recorded("erase of an issued one", [&] { return erase(text_of(issued.secret)); });
}

// Row L3.
TEST_F(RecordedChangesTest, OfWhatRootDoes) {
    const Caller root = caller_of(kRoot);
    const Issued issued = issue(kAlice);
    expect_recorded("admin import", [&] {
        std::optional<Result<Plan>> plan;
        plan_admin_import(*context_, root, new_import(),
                          [&](Result<Plan> made) { plan.emplace(std::move(made)); });
        return carry_out(*plan, "ghp_elsewhere");
    });
    expect_recorded("quarantine", [&] {
        OwnerCheck owners({*loop_, writer_, *context_},
                          [](const store::OwnerSummary&) { return OwnerFate::Reassigned; });
        return answer<std::uint32_t>([&](std::function<void(Result<std::uint32_t>)> done) {
            owners.check_now(std::move(done));
        });
    });
    expect_recorded("reinstate", [&] {
        return answer(
            [&](Done done) { admin_->reinstate(root, kAlice, issued.token.id, std::move(done)); });
    });
    expect_recorded("revoke", [&] {
        return answer(
            [&](Done done) { tokens_->revoke(root, kAlice, issued.token.id, std::move(done)); });
    });
}

// Row L3.
TEST_F(RecordedChangesTest, OfWhatRootDoesToTheWholeStore) {
    const Caller root = caller_of(kRoot);
    (void)issue(kAlice);
    const UniqueFd file(memfd_create("backup", MFD_CLOEXEC));
    ASSERT_TRUE(answer<store::Manifest>([&](std::function<void(Result<store::Manifest>)> done) {
        admin_->backup(root, UniqueFd(dup(file.get())), std::move(done));
    }));
    const auto restore = [&] {
        lseek(file.get(), 0, SEEK_SET);
        return answer<store::RestoreReport>(
            [&](std::function<void(Result<store::RestoreReport>)> done) {
                admin_->restore(root, UniqueFd(dup(file.get())), {clock_.now(), {}, false},
                                std::move(done));
            });
    };
    expect_recorded("restore", restore, kRoot);
    expect_recorded(
        "rotate-key",
        [&] { return answer([&](Done done) { rotation_->start(root, std::move(done)); }); }, kRoot);
    expect_recorded(
        "rotate-master-key",
        [&] {
            const support::ClientSink sink(kRoot);
            return answer([&](Done done) {
                admin_->rotate_master_key(root, UniqueFd(dup(sink.passed())), std::move(done));
            });
        },
        kRoot);
    ClockGuard guard(clock_);
    ClockKeeper clock({*loop_, guard, *context_});
    expect_recorded(
        "accept-clock",
        [&] { return answer([&](Done done) { clock.accept(root, std::move(done)); }); }, kRoot);
}

// OnReuse=revoke: what a presented dead secret ends; the next showing tries again.
TEST_F(RecordedChangesTest, OfARevokeByTheAlarm) {
    state_.settings.on_reuse = OnReuse::Revoke;
    const Issued before = issue(kAlice);
    store_
        ->replace_secret(before.token.id, kAlice,
                         make_issued_secret(before.token.id, random_).value(), {}, clock_.now())
        .value();
    (void)store_watch_->has_changed();
    const auto show = [&] { (void)store("https://git.example", text_of(before.secret)); };
    {
        const support::LockedLog locked(directory_.path());
        show();
        EXPECT_TRUE(stored(before.token.id));
    }
    EXPECT_FALSE(store_watch_->has_changed());
    show();
    EXPECT_FALSE(stored(before.token.id));
    EXPECT_EQ(events(kAlice).back(), "delete ok");
}

// Owners are told once, and not before the log has it.
TEST_F(RecordedChangesTest, OfASweepOfWhatExpires) {
    Token token = support::make_token(kAlice, TokenKind::Issued);
    token.created = clock_.now() - 365 * 24 * 3600;
    token.expires = clock_.now() + 3600;
    store_->insert(token, make_issued_secret(token.id, random_).value()).value();
    subscriptions_.add(caller_of(kAlice, ":1.1")).value();
    int told = 0;
    subscriptions_.send_by([&](const std::string&, const OwnerSignal&) { ++told; });
    const auto sweep = [&] {
        ExpiryNotices notices({*loop_, *context_});
        notices.set_notice(std::chrono::hours(24));
    };
    (void)store_watch_->has_changed();
    {
        const support::LockedLog locked(directory_.path());
        sweep();
    }
    EXPECT_EQ(told, 0);
    EXPECT_FALSE(store_watch_->has_changed());
    sweep();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(events(kAlice), Texts{"expiring ok"});
}

// Rows L3, S10. The kernel reports a failed write once. Later syncs reach the disk, but what came
// before does not.
TEST_F(RecordedChangesTest, OfAChangeAfterASyncThatFailed) {
    const Token token = import(kAlice, "ghp_elsewhere");
    const auto edit = [&](const char* description) {
        TokenChange change;
        change.description = description;
        return carry_out(tokens_->update(caller_of(kAlice), token.id, change));
    };
    ASSERT_TRUE(edit("a shelf")) << "by now SQLite has synced the header of the WAL itself";
    power_cut_->fail_next_sync_of("audit.db-wal");
    EXPECT_EQ(edit("refused").error().code, Errc::Unavailable);
    EXPECT_TRUE(edit("a desk"));
    EXPECT_EQ(stored(token.id)->description, "a desk");
    EXPECT_EQ(events_after_power_cut(kAlice), 3U);
    EXPECT_TRUE(edit("a shelf"));
    EXPECT_EQ(events_after_power_cut(kAlice), 4U);
}

// The process may end between the two: the log says that it does not know.
TEST_F(RecordedChangesTest, WhoseEndIsNotKnownIsBegun) {
    const Token token = import(kAlice, "ghp_elsewhere");
    writer_.hold();
    tokens_->remove(caller_of(kAlice), token.id).value().commit({}, [](const auto&) {});
    EXPECT_EQ(events(kAlice), Texts{"delete begun"});
    writer_.work_one();
    EXPECT_EQ(events(kAlice), Texts{"delete begun"});
    writer_.release();
    EXPECT_EQ(events(kAlice), Texts{"delete ok"});
}

}  // namespace
}  // namespace patd
