// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// A release that the store answers from memory (docs/adr/0047): it asks the database nothing, and
// nothing that ended, changed or was locked comes out of it.
#include "common/token/token_key.h"
#include "daemon/context/clock_guard.h"
#include "daemon/release/release.h"
#include "daemon/store/backup/backup_file.h"
#include "daemon/store/backup/restore.h"
#include "daemon/store/tokens/resealer.h"
#include "daemon/store/tokens/store_admin.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"
#include "tests/support/statement_count.h"

#include <fcntl.h>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;
using support::kNow;
using support::request_for;
using support::StatementCount;
using support::text_of;

constexpr char kWarmPlace[] = "https://git.example/team/repo.git";
constexpr char kWarmForge[] = "https://forge.example/team/repo.git";

// Alice has an issued token for one place and an imported one for another; both were released
// before, and a get of either asks the database nothing.
class CachedRelease : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        releaser_.emplace(context());
        issued_ = issue(kAlice, {.expires = kNow + 3600}).token;
        imported_ = import(kAlice, "ghp_old",
                           {.targets = {"https://forge.example"}, .expires = kNow + 3600});
        warm();
    }
    // What a get of this place says: its secret, if that is no child, or why there is none.
    std::string said_of(const std::string& url, Uid uid = kAlice) {
        std::string said = "no answer";
        releaser_->get(caller_of(uid), request_for(url), [&](auto answer) {
            if (!answer)
                said = errc_name(answer.error().code);
            else if (!*answer)
                said = "nothing";
            else
                said = describe(**answer);
            if (answer && *answer)
                releaser_->take_back(std::move((*answer)->password));
        });
        while (!turns_.is_idle())
            turns_.run_round();
        return said;
    }
    static std::string describe(const Released& released) {
        const std::string text = text_of(released.password);
        return token_shape(text) == TokenShape::Child ? "a child" : text;
    }
    void warm() {
        for (int round = 0; round < 2; ++round) {
            EXPECT_EQ(said_of(kWarmPlace), "a child");
            EXPECT_EQ(said_of(kWarmForge), "ghp_old");
        }
        EXPECT_EQ(StatementCount::of([&] {
                      said_of(kWarmPlace);
                      said_of(kWarmForge);
                  }),
                  0);
    }
    void expect_both(const std::string& said) {
        EXPECT_EQ(said_of(kWarmPlace), said);
        EXPECT_EQ(said_of(kWarmForge), said);
    }

    StatementCount counting_;
    std::optional<Releaser> releaser_;
    std::optional<Token> issued_;
    std::optional<Token> imported_;
};

TEST_F(CachedRelease, AsksTheDatabaseNothing) {
    for (int round = 0; round < 3; ++round)
        warm();
}

// Row S21.
TEST_F(CachedRelease, GivesNothingOfADeletedToken) {
    store_->remove(issued_->id, kAlice, kNow).value();
    store_->remove(imported_->id, kAlice, kNow).value();
    expect_both("nothing");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingAfterAllWereRemoved) {
    store_->remove_all(kAlice, support::name_of(kAlice), kNow).value();
    expect_both("nothing");
}

// Row S21.
TEST_F(CachedRelease, FollowsAnEdit) {
    for (const Token& token : {*issued_, *imported_})
        edit(token, [](Token& stored) -> Result<void> {
            stored.targets = parse_targets({"https://elsewhere.example"}).value();
            return {};
        });
    expect_both("nothing");
    for (const Token& token : {*issued_, *imported_})
        edit(token, [&](Token& stored) -> Result<void> {
            stored.targets = token.targets;
            stored.confirm = Confirm::Always;
            return {};
        });
    expect_both("ConfirmRequired");
}

// Row S21.
TEST_F(CachedRelease, GivesTheNewSecretAfterARegenerate) {
    store_->replace_secret(imported_->id, kAlice, support::secret_of("ghp_new"), {}, kNow).value();
    EXPECT_EQ(said_of(kWarmForge), "ghp_new");
    EXPECT_EQ(said_of(kWarmForge), "ghp_new");
    std::optional<UnixTime> generation;
    store_->replace_secret(issued_->id, kAlice, support::secret_of("pat1_new"), {}, kNow).value();
    releaser_->get(caller_of(kAlice), request_for(kWarmPlace), [&](auto answer) {
        const OpenedChild child = open_child((*answer)->password.reveal(), *store_).value();
        generation = child.generation;
    });
    EXPECT_EQ(generation, 2);
}

TEST_F(CachedRelease, FollowsATokenThatTookTheOthersPlace) {
    Token next = *imported_;
    next.id = TokenId::generate(random_).value();
    store_->renew(imported_->id, kAlice, next.id, support::secret_of("ghp_next"), {}).value();
    EXPECT_EQ(said_of(kWarmForge), "ghp_next");
}

TEST_F(CachedRelease, SeesANewTokenThatFitsBetter) {
    import(kAlice, "ghp_better", {.targets = { "https://forge.example/team" }});
    EXPECT_EQ(said_of(kWarmForge), "ghp_better");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingWhileTheOwnerIsLocked) {
    // Before it is on disk, and after.
    locks_->set_locked(kAlice, true);
    expect_both("Locked");
    store_->set_locked(kAlice, true).value();
    expect_both("Locked");
    store_->set_locked(kAlice, false).value();
    locks_->set_locked(kAlice, false);
    warm();
}

// Row S21.
TEST_F(CachedRelease, ForgetsAllSecretsOfAnOwnerWhoIsLocked) {
    import(kBob, "ghp_bob", {.targets = { "https://forge.example" }});
    ASSERT_EQ(said_of(kWarmForge, kBob), "ghp_bob");
    locks_->set_locked(kAlice, true);
    EXPECT_GT(StatementCount::of([&] {
                  const Digest of = store_->find(imported_->id).value()->verifier;
                  (void)store_->open_imported(imported_->id, of, SecretBuffer()).value();
              }),
              0);
    EXPECT_EQ(StatementCount::of([&] { said_of(kWarmForge, kBob); }), 0);
}

// What patd does within a second after every release.
TEST_F(CachedRelease, KeepsNoSecretWhenItRests) {
    store_->release_memory();
    EXPECT_GT(StatementCount::of([&] { EXPECT_EQ(said_of(kWarmForge), "ghp_old"); }), 0);
    EXPECT_EQ(StatementCount::of([&] { EXPECT_EQ(said_of(kWarmForge), "ghp_old"); }), 0);
}

// Row S21.
TEST_F(CachedRelease, GivesNothingThatHasExpired) {
    clock_.advance(std::chrono::seconds(3600));
    expect_both("Expired");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingThatExpiresWhileTheTimeIsNotKnown) {
    ClockGuard guard(clock_);
    Context parts = context();
    const Context guarded{
        parts.store,       parts.audit_log, parts.writer, parts.auditor, parts.locks,
        parts.accounts,    guard,           parts.random, parts.state,   parts.subscriptions,
        parts.reuse_alarm, parts.units,     parts.turns,  parts.limited};
    releaser_.emplace(guarded);
    guard.resume(kNow);
    EXPECT_EQ(said_of(kWarmForge), "ghp_old");
    clock_.jump_to(0);
    guard.resume(kNow);
    expect_both("ClockUnknown");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingOfAQuarantinedToken) {
    const std::string name = support::name_of(kAlice);
    store::StoreAdmin admin(*store_);
    ASSERT_EQ(admin.quarantine(kAlice, name).value().size(), 2U);
    expect_both("nothing");
    admin.reinstate(issued_->id, kAlice, name).value();
    admin.reinstate(imported_->id, kAlice, name).value();
    warm();
    // Another account has the uid now.
    admin.quarantine(kAlice, name).value();
    admin.reinstate(imported_->id, kAlice, "predecessor").value();
    expect_both("nothing");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingToAnAccountThatGotTheUid) {
    Token old = support::make_token(kBob, TokenKind::Imported, {.targets = {kWarmForge}});
    old.owner_name = "predecessor";
    store_->insert(old, support::secret_of("ghp_predecessor")).value();
    for (int round = 0; round < 2; ++round)
        EXPECT_EQ(said_of(kWarmForge, kBob), "nothing");
}

TEST_F(CachedRelease, FollowsARejection) {
    for (const Token& token : {*issued_, *imported_})
        edit(token, [](Token& stored) -> Result<void> {
            stored.state = TokenState::Rejected;
            return {};
        });
    expect_both("Rejected");
}

// Row S21.
TEST_F(CachedRelease, FollowsARestore) {
    const support::TemporaryDirectory outside;
    const std::string file = outside.file("backup");
    store_->remove(imported_->id, kAlice, kNow).value();
    const Token known = import(kAlice, "ghp_known", {.targets = {"https://forge.example"}});
    {
        const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        store::write_backup(directory_.path(), support::master_key(), kNow, fd.get()).value();
    }
    store_->remove(known.id, kAlice, kNow).value();
    EXPECT_EQ(said_of(kWarmForge), "nothing");
    import(kAlice, "ghp_whole_host", {.targets = {"https://forge.example"}, .expires = kNow + 1});
    EXPECT_EQ(said_of(kWarmForge), "ghp_whole_host");
    EXPECT_EQ(said_of(kWarmForge), "ghp_whole_host");
    {
        const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        const auto state = store::StateDirectory::open(directory_.path()).value();
        store::read_backup(state, support::master_key(), fd.get()).value();
    }
    const store::RestoreChoice choice{.now = kNow + 9, .revive = {known.id}};
    EXPECT_TRUE(store::restore(*store_, support::master_key(), choice).value().done);
    EXPECT_EQ(said_of(kWarmForge), "Ambiguous");
}

TEST_F(CachedRelease, FollowsANewDataKey) {
    store::Resealer resealer(*store_);
    const store::KeySet keys = resealer.begin(support::master_key()).value();
    store::StoreAdmin(*store_).adopt_for_reading(keys.clone().value());
    EXPECT_GT(StatementCount::of([&] { EXPECT_EQ(said_of(kWarmForge), "ghp_old"); }), 0);
    resealer.adopt(keys.clone().value()).value();
    while (!resealer.step().value())
        warm();
    resealer.finish().value();
    store::StoreAdmin(*store_).forget_keys_before();
    EXPECT_GT(StatementCount::of([&] { said_of(kWarmForge); }), 0);
    warm();
}

// Row S21. A write that fails half-way leaves what there was, and memory says the same as the file.
TEST_F(CachedRelease, SaysWhatTheFileSaysAfterAFailedWrite) {
    {
        const support::FullDisk full;
        EXPECT_FALSE(
            store_->replace_secret(imported_->id, kAlice, support::secret_of("ghp_new"), {}, kNow)
                .has_value());
        EXPECT_FALSE(store_->remove(issued_->id, kAlice, kNow).has_value());
    }
    // Nobody knows how far it came: the file is asked.
    EXPECT_GT(StatementCount::of([&] { EXPECT_EQ(said_of(kWarmForge), "ghp_old"); }), 0);
    warm();
    std::vector<store::TokenStore::NewToken> tokens;
    for (const char* secret : {"ghp_better", ""})
        tokens.emplace_back(
            support::make_token(kAlice, TokenKind::Imported, {.targets = {kWarmForge}}),
            support::secret_of(secret));
    EXPECT_EQ(store_->insert_many(tokens).error().code, Errc::InvalidSecret);
    EXPECT_EQ(said_of(kWarmForge), "ghp_old");
}

// Row S21. Nobody else should. Within a second after a release patd looks whether somebody did.
TEST_F(CachedRelease, FollowsWhatAnotherProcessWrote) {
    store_->record_use({}).value();
    warm();
    store::test::RawDatabase raw(directory_.file("store.db"));
    raw.run("DELETE FROM token");
    store_->record_use({}).value();
    expect_both("nothing");
}

// Row S21.
TEST_F(CachedRelease, GivesNothingOfAClosedStore) {
    lock_keyring();
    expect_both("StoreLocked");
    unlock_keyring();
    warm();
}

// A change that is in the file before who reads is told of it: another connection puts the token's
// former row back.
class ReleaseInAChange : public CachedRelease {
  protected:
    void SetUp() override {
        CachedRelease::SetUp();
        raw_.emplace(directory_.file("store.db"));
        raw_->run("CREATE TEMP TABLE former AS SELECT * FROM token WHERE id = ?1",
                  token_key(imported_->id));
        store_
            ->replace_secret(
                imported_->id, kAlice, support::secret_of("ghp_new"),
                [](Token& token) -> Result<void> {
                    token.expires = kNow + 60;
                    return {};
                },
                kNow)
            .value();
    }
    void put_back() { raw_->run("REPLACE INTO token SELECT * FROM former"); }
    // The secret, and for how long git may keep it.
    std::pair<std::string, UnixTime> given() {
        std::pair<std::string, UnixTime> given;
        releaser_->get(caller_of(kAlice), request_for(kWarmForge), [&](auto answer) {
            if (answer && *answer)
                given = {text_of((*answer)->password), (*answer)->expires - kNow};
        });
        return given;
    }

    using Given = std::pair<std::string, UnixTime>;
    std::optional<store::test::RawDatabase> raw_;
};

// Row S21.
TEST_F(ReleaseInAChange, GivesTheSecretThatBelongsToTheRecord) {
    ASSERT_EQ(given(), Given("ghp_new", 60));
    store_->release_memory();
    put_back();
    EXPECT_EQ(given(), Given("ghp_old", 3600));
}

TEST_F(ReleaseInAChange, GivesTheRecordThatBelongsToTheSecret) {
    const Digest now = store_->find(imported_->id).value()->verifier;
    store_->release_memory(true);
    (void)store_->open_imported(imported_->id, now, SecretBuffer()).value();
    put_back();
    EXPECT_EQ(given(), Given("ghp_old", 3600));
}

TEST_F(ReleaseInAChange, NamesTheSecretThatTheRefreshTokenBelongsTo) {
    Token token = support::make_token(kAlice, TokenKind::Imported,
                                      {.targets = {"https://o.example"}, .expires = kNow + 1});
    token.provenance = Provenance::GitStore;
    const TokenSecret old = support::secret_of("old");
    const RefreshToken again(SecretBuffer::copy_of(std::string_view("again")));
    store_->insert(token, store::NewSecret{old, again}).value();
    raw_->run("DELETE FROM former");
    raw_->run("INSERT INTO former SELECT * FROM token WHERE id = ?1", token_key(token.id));
    const RefreshToken next(SecretBuffer::copy_of(std::string_view("next")));
    const TokenSecret newer = support::secret_of("newer");
    store_->replace_secret(token.id, kAlice, store::NewSecret{newer, next}, {}, kNow).value();
    clock_.advance(std::chrono::seconds(1));
    std::optional<ReleaseState> state;
    const auto get = [&] {
        std::string refresh;
        releaser_->get(caller_of(kAlice), request_for("https://o.example"), [&](auto answer) {
            const std::span<const char> bytes = (*answer)->refresh.reveal();
            refresh = {bytes.data(), bytes.size()};
            state = (*answer)->state;
        });
        return refresh;
    };
    ASSERT_EQ(get(), "next");
    store_->release_memory();
    put_back();
    EXPECT_EQ(get(), "again");
    EXPECT_EQ(state->text(),
              ReleaseState::of_secret(token.id, store_->digest(old.reveal()).value()).text());
}

TEST_F(ReleaseInAChange, GivesNothingOfATokenThatIsGone) {
    ASSERT_EQ(given(), Given("ghp_new", 60));
    store_->release_memory();
    raw_->run("DELETE FROM token WHERE id = ?1", token_key(imported_->id));
    EXPECT_EQ(said_of(kWarmForge), "nothing");
}

// Row S21: an id is 59 random bits and names one token for ever. If it named another owner's, that
// owner's secret would not go to whom the first one is known of.
TEST_F(ReleaseInAChange, GivesNothingOfAnotherOwnerWhoGotTheId) {
    store_->remove(imported_->id, kAlice, kNow).value();
    Token his = support::make_token(kBob, TokenKind::Imported, {.targets = {kWarmForge}});
    his.id = imported_->id;
    store_->insert(his, support::secret_of("ghp_bob")).value();
    raw_->run("CREATE TEMP TABLE later AS SELECT * FROM token WHERE id = ?1", token_key(his.id));
    put_back();
    raw_->run("INSERT INTO target SELECT 1, 'https://forge.example', '', ?1", token_key(his.id));
    ASSERT_EQ(given(), Given("ghp_old", 3600));
    store_->release_memory();
    raw_->run("REPLACE INTO token SELECT * FROM later");
    EXPECT_EQ(said_of(kWarmForge), "nothing");
    EXPECT_EQ(said_of(kWarmForge, kBob), "ghp_bob");
}

TEST_F(CachedRelease, IsNotDisturbedByOtherOwners) {
    import(kBob, "ghp_bob", {.targets = { "https://forge.example" }});
    store_->set_locked(kBob, true).value();
    locks_->set_locked(kBob, true);
    EXPECT_EQ(StatementCount::of([&] { EXPECT_EQ(said_of(kWarmForge), "ghp_old"); }), 0);
}

TEST_F(CachedRelease, OpensNothingTwiceForARefreshToken) {
    Token token =
        support::make_token(kAlice, TokenKind::Imported, {.targets = {"https://o.example"}});
    token.provenance = Provenance::GitStore;
    const TokenSecret secret = support::secret_of("oauth");
    const RefreshToken refresh(SecretBuffer::copy_of(std::string_view("again")));
    store_->insert(token, store::NewSecret{secret, refresh}).value();
    for (int round = 0; round < 2; ++round) {
        releaser_->get(caller_of(kAlice), request_for("https://o.example"), [&](auto answer) {
            EXPECT_EQ(text_of((*answer)->password), "oauth");
            const std::span<const char> bytes = (*answer)->refresh.reveal();
            EXPECT_EQ(std::string(bytes.data(), bytes.size()), "again");
        });
    }
    EXPECT_EQ(StatementCount::of([&] { EXPECT_EQ(said_of("https://o.example"), "oauth"); }), 0);
}

// A place with more tokens than are kept is read from the file, each time.
TEST_F(CachedRelease, ChoosesAmongManyAsBefore) {
    for (int i = 0; i < 20; ++i)
        import(kAlice, "ghp_" + std::to_string(i), {.targets = {
                   "https://many.example/" + std::string(i == 7 ? "team" : "")
               }});
    for (int round = 0; round < 2; ++round)
        EXPECT_EQ(said_of("https://many.example/team/x"), "ghp_7");
}

}  // namespace
}  // namespace patd
