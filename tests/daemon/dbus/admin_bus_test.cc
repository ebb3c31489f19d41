// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/admin_bus.h"

#include "common/base/recovery_key.h"
#include "daemon/store/keys/master_key.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/read_store.h"
#include "tests/support/turning.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace patd {
namespace {

using support::kAlice;
using support::kAliceBus;
using support::kBob;
using support::kRootBus;
using support::patd_error;
using support::Reply;

support::Fill list_of(Uid owner) {
    return [owner](sd_bus_message* m) { sd_bus_message_append(m, "u", owner.value()); };
}

support::Fill revoke_of(Uid owner, const std::string& id) {
    return [=](sd_bus_message* m) { sd_bus_message_append(m, "us", owner.value(), id.c_str()); };
}

support::Fill import_of(const std::string& user) {
    return [=](sd_bus_message* m) {
        sd_bus_message_append(m, "ss", user.c_str(), "off-site");
        support::dict({{"targets", std::vector<std::string>{"https://git.example"}},
                       {"username", std::string("robot")}})
            .append_to(m)
            .value();
    };
}

support::Fill restore_of(int file, const bus::Dict& options) {
    return [=](sd_bus_message* m) {
        sd_bus_message_append(m, "h", file);
        options.append_to(m).value();
    };
}

class AdminBusTest : public support::BusFixture {
  protected:
    UnixTime exported_at() {
        bus::Dict status = support::read_dict(admin(kRootBus, "Status"));
        return status.take<UnixTime>("key-exported").value().value();
    }
    // The ids in the reply of List.
    static std::vector<std::string> ids(const Reply& reply) {
        std::vector<std::string> found;
        sd_bus_message* message = reply.message.get();
        support::must(sd_bus_message_enter_container(message, 'a', "(oa{sv})"), "enter");
        while (sd_bus_message_enter_container(message, 'r', "oa{sv}") > 0) {
            const std::string path = reply.path();
            bus::Dict dict = support::read_dict(reply);
            found.push_back(dict.take<std::string>("id").value().value());
            EXPECT_EQ(path, std::string(names::kTokenPrefix) + "/" + found.back());
            EXPECT_EQ(dict.find("secret"), nullptr);
            support::must(sd_bus_message_exit_container(message), "exit");
        }
        return found;
    }
};

// Row A5: whatever a bus policy lets through, the daemon asks for effective uid 0 itself.
TEST_F(AdminBusTest, IsForRootAlone) {
    const std::string id = issue(kAlice).token.id.text();
    const std::string before = store_bytes();
    for (const std::uint32_t uid : {1U, 2U, 33U, 999U, 1000U, 61184U, 65534U, 65535U, 0x7fffffffU,
                                    0x80000000U, 0xfffffffeU, 0xffffffffU}) {
        identity_.set(kAliceBus, Uid(uid));
        EXPECT_EQ(admin(kAliceBus, "List", list_of(kAlice)).error, patd_error(Errc::AccessDenied))
            << uid;
        EXPECT_EQ(admin(kAliceBus, "Revoke", revoke_of(kAlice, id)).error,
                  patd_error(Errc::AccessDenied))
            << uid;
        EXPECT_EQ(admin(kAliceBus, "ListEvents", support::with({})).error,
                  patd_error(Errc::AccessDenied))
            << uid;
    }
    EXPECT_EQ(store_bytes(), before);
}

TEST_F(AdminBusTest, RootSeesTheMetadataOfOneUser) {
    const std::string first = issue(kAlice).token.id.text();
    const std::string second = import(kAlice, "ghp_secret").id.text();
    (void)issue(kBob);
    std::vector<std::string> found = ids(admin(kRootBus, "List", list_of(kAlice)));
    std::sort(found.begin(), found.end());
    std::vector<std::string> expected = {first, second};
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(ids(admin(kRootBus, "List", list_of(Uid(0)))).empty());
    EXPECT_TRUE(ids(admin(kRootBus, "List", list_of(Uid(0xffffffffU)))).empty());
}

TEST_F(AdminBusTest, RootRevokesATokenOfTheUserThatIsNamed) {
    const support::Issued issued = issue(kAlice);
    const std::string id = issued.token.id.text();
    const std::string secret = support::text_of(issued.secret);
    ASSERT_TRUE(is_valid(secret));
    EXPECT_EQ(admin(kRootBus, "Revoke", revoke_of(kBob, id)).error, patd_error(Errc::NotFound));
    EXPECT_TRUE(is_valid(secret));
    EXPECT_TRUE(admin(kRootBus, "Revoke", revoke_of(kAlice, id)).ok());
    EXPECT_FALSE(is_valid(secret));
    EXPECT_EQ(admin(kRootBus, "Revoke", revoke_of(kAlice, id)).error, patd_error(Errc::NotFound));
    const std::vector<std::string> recorded = events(kAlice);
    EXPECT_NE(std::find(recorded.begin(), recorded.end(), "delete ok"), recorded.end());
}

TEST_F(AdminBusTest, AnIdThatIsNoneIsNotFound) {
    for (const char* id :
         {"", "short", "0123456789a", "../etc", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"})
        EXPECT_EQ(admin(kRootBus, "Revoke", revoke_of(kAlice, id)).error,
                  patd_error(Errc::NotFound))
            << id;
}

TEST_F(AdminBusTest, RootSeesEveryAccountThatHasTokens) {
    (void)issue(kAlice);
    (void)issue(kAlice);
    (void)issue(kBob);
    const Reply reply = admin(kRootBus, "ListOwners");
    sd_bus_message* message = reply.message.get();
    support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
    bus::Dict first = support::read_dict(reply);
    EXPECT_EQ(first.take<std::uint32_t>("uid").value(), kAlice.value());
    EXPECT_EQ(first.take<std::string>("user").value(), support::name_of(kAlice));
    EXPECT_EQ(first.take<std::uint32_t>("tokens").value(), 2U);
    bus::Dict second = support::read_dict(reply);
    EXPECT_EQ(second.take<std::uint32_t>("uid").value(), kBob.value());
    EXPECT_EQ(sd_bus_message_at_end(message, 0), 1);
    EXPECT_EQ(admin(kAliceBus, "ListOwners").error, patd_error(Errc::AccessDenied));
}

TEST_F(AdminBusTest, RootGivesAnAccountATokenWithoutItsPassword) {
    const Reply begun = admin(kRootBus, "Import", import_of("daemon"));
    ASSERT_TRUE(begun.ok()) << begun.error;
    const std::string path = begun.path();
    Prompt asked = next(kRootBus, path);
    EXPECT_EQ(asked.kind, "token-secret");
    support::answer(std::move(asked.sink), "ghp_of_the_backup");
    EXPECT_EQ(next(kRootBus, path).kind, "done");
    const support::ClientSink sink(Uid(0));
    ASSERT_TRUE(commit(kRootBus, path, sink).ok());
    const auto tokens = list_tokens(*store_, kAlice).value();
    ASSERT_EQ(tokens.size(), 1U);
    EXPECT_EQ(tokens[0].token.owner_name, "daemon");
    EXPECT_EQ(support::text_of(open_secret(*store_, tokens[0].token.id).value()),
              "ghp_of_the_backup");
    const auto recorded = audit_log_->list({kAlice, std::nullopt, 1}).value();
    ASSERT_EQ(recorded.size(), 1U);
    EXPECT_EQ(recorded[0].event + " " + recorded[0].outcome, "import ok");
    EXPECT_EQ(recorded[0].by, Uid(0));
}

// Row A14.
TEST_F(AdminBusTest, ImportRefusesAccountsThatCannotOwnTokens) {
    for (const char* user : {"nobody", "no-such-account", "0", "Daemon", "daemon ", "1"})
        EXPECT_EQ(admin(kRootBus, "Import", import_of(user)).error, patd_error(Errc::AccessDenied))
            << user;
    EXPECT_EQ(admin(kRootBus, "Import", import_of("")).error, patd_error(Errc::InvalidUsername));
    EXPECT_EQ(admin(kAliceBus, "Import", import_of("daemon")).error,
              patd_error(Errc::AccessDenied));
    EXPECT_TRUE(list_tokens(*store_, kAlice).value().empty());
}

// The page that root keeps is enough to open the store.
TEST_F(AdminBusTest, TheExportedKeyOpensTheStore) {
    EXPECT_EQ(exported_at(), 0);
    support::ClientSink sink(Uid(0));
    ASSERT_TRUE(admin(kRootBus, "ExportKey", support::with_descriptor(sink.passed())).ok());
    EXPECT_EQ(exported_at(), 0) << "not before root says that it has it";
    const std::string bytes = sink.receive(*loop_);
    const SecretBuffer page = format_recovery_key(MasterKey(SecretBuffer::copy_of(bytes))).value();
    ASSERT_TRUE(admin(kRootBus, "ConfirmExport").ok());
    EXPECT_EQ(exported_at(), clock_.now());
    EXPECT_EQ(events(Uid(0)), std::vector<std::string>{"export-key ok"});

    const std::string id = issue(kAlice).token.id.text();
    const std::string key_file = directory_.file("recovered.key");
    {
        MasterKey key = parse_recovery_key(page.reveal()).value();
        std::ofstream(key_file).write(key.reveal().data(),
                                      static_cast<std::streamsize>(key.size()));
        std::filesystem::permissions(key_file, std::filesystem::perms(0600));
    }
    auditor_.reset();
    store_.reset();
    store_ = store::TokenStore::open({directory_.path(), false},
                                     store::load_master_key(key_file).value(), random_)
                 .value();
    EXPECT_TRUE(stored(*TokenId::parse(id)));
    start_auditor();
}

TEST_F(AdminBusTest, ExportsTheKeyToNobodyElseAndIntoNothingElse) {
    const support::ClientSink sink(kAlice);
    const support::Fill argument = support::with_descriptor(sink.passed());
    EXPECT_EQ(admin(kAliceBus, "ExportKey", argument).error, patd_error(Errc::AccessDenied));
    EXPECT_EQ(admin(kRootBus, "ExportKey", argument).error, patd_error(Errc::BadSink));
    for (const char* member : {"ConfirmExport", "Status"})
        EXPECT_EQ(admin(kAliceBus, member).error, patd_error(Errc::AccessDenied));
    key_fill_ = 'x';
    const support::ClientSink own(Uid(0));
    EXPECT_EQ(admin(kRootBus, "ExportKey", support::with_descriptor(own.passed())).error,
              patd_error(Errc::Corrupt))
        << "a key that does not open the store is no recovery key";
    EXPECT_TRUE(events(Uid(0)).empty());
}

TEST_F(AdminBusTest, ABackupBringsBackWhatIsLostAndWhatIsNamed) {
    const support::Issued issued = issue(kAlice);
    const std::string id = issued.token.id.text();
    const std::string path = directory_.file("backup");
    {
        const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        const Reply made = admin(kRootBus, "Backup", support::with_descriptor(file.get()));
        ASSERT_TRUE(made.ok()) << made.error;
        EXPECT_EQ(support::read_dict(made).take<std::uint32_t>("tokens").value(), 1U);
    }
    store_->remove(issued.token.id, kAlice, clock_.now()).value();
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const Reply refused = admin(kRootBus, "Restore", restore_of(file.get(), {}));
    ASSERT_TRUE(refused.ok()) << refused.error;
    EXPECT_EQ(support::read_dict(refused).take<bool>("done").value(), false);
    sd_bus_message* message = refused.message.get();
    support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
    bus::Dict dead = support::read_dict(refused);
    EXPECT_EQ(dead.take<std::string>("id").value(), id);
    EXPECT_EQ(dead.take<std::string>("cause").value(), "deleted");
    EXPECT_FALSE(is_valid(support::text_of(issued.secret)));

    // A dry run changes nothing, whatever else is said.
    lseek(file.get(), 0, SEEK_SET);
    const bus::Dict dry = support::dict({{"dry-run", true}, {"keep-dead", true}});
    const Reply looked = admin(kRootBus, "Restore", restore_of(file.get(), dry));
    ASSERT_TRUE(looked.ok()) << looked.error;
    EXPECT_EQ(support::read_dict(looked).take<bool>("done").value(), false);

    lseek(file.get(), 0, SEEK_SET);
    const bus::Dict named = support::dict({{"accept-rollback", std::vector<std::string>{id}}});
    const Reply done = admin(kRootBus, "Restore", restore_of(file.get(), named));
    ASSERT_TRUE(done.ok()) << done.error;
    EXPECT_EQ(support::read_dict(done).take<std::uint32_t>("revived").value(), 1U);
    EXPECT_TRUE(is_valid(support::text_of(issued.secret)));
    EXPECT_EQ(events(Uid(0)), (std::vector<std::string>{"backup ok", "restore ok"}));
    EXPECT_EQ(events(kAlice).back(), "restore ok");
}

TEST_F(AdminBusTest, AStoreThatWasAlteredIsServedWhenRootSaysSo) {
    const support::Issued issued = issue(kAlice);
    const auto accept = [&](const char* who, const bus::Dict& options) {
        return admin(who, "AcceptRollback", support::with(options));
    };
    const auto state = [&] {
        bus::Dict status = support::read_dict(admin(kRootBus, "Status"));
        EXPECT_EQ(status.take<UnixTime>("witness-lost").value(), 0);
        return status.take<std::string>("rollback").value().value() + " " +
               status.take<std::string>("witness").value().value();
    };
    EXPECT_EQ(state(), " kept");
    store_->remove(issue(kAlice).token.id, kAlice, clock_.now()).value();
    store::test::RawDatabase(directory_.file("store.db")).run("DELETE FROM tombstone");
    keeper_->compare(Errc::Unavailable).value();
    EXPECT_EQ(state(), "altered unread");
    EXPECT_EQ(accept(kRootBus, {}).error, patd_error(Errc::Unavailable)) << "nobody knows the list";
    const UniqueFd file(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(admin(kRootBus, "Restore", restore_of(file.get(), {})).error,
              patd_error(Errc::Unavailable));
    keeper_->compare(Errc::NotFound).value();
    keeper_->begin(writer_);
    EXPECT_EQ(state(), "altered kept");
    EXPECT_EQ(store_->digest(issued.secret.reveal()).error().code, Errc::RolledBack);
    bus::Dict own = support::read_dict(manager(kAliceBus, "Status"));
    EXPECT_EQ(own.take<bool>("rolled-back").value(), true);

    EXPECT_EQ(accept(kAliceBus, {}).error, patd_error(Errc::AccessDenied));
    for (const char* key : {"keep_dead", "", "done"})
        EXPECT_EQ(accept(kRootBus, support::dict({{key, true}})).error,
                  patd_error(Errc::UnknownOption));
    const Reply seen = accept(kRootBus, support::dict({{"dry-run", true}, {"revive", true}}));
    ASSERT_TRUE(seen.ok()) << seen.error;
    EXPECT_EQ(support::read_dict(seen).take<bool>("done").value(), false);
    EXPECT_EQ(support::read_dict(accept(kRootBus, {})).take<bool>("done").value(), false)
        << "not all is known";
    const Reply done = accept(kRootBus, support::dict({{"revive", true}}));
    ASSERT_TRUE(done.ok()) << done.error;
    bus::Dict result = support::read_dict(done);
    EXPECT_EQ(result.take<bool>("done").value(), true);
    EXPECT_EQ(result.take<std::string>("rollback").value(), "altered");
    EXPECT_EQ(result.take<bool>("complete").value(), false);
    EXPECT_TRUE(is_valid(support::text_of(issued.secret)));
    EXPECT_EQ(events(Uid(0)), std::vector<std::string>{"accept-rollback ok"});
}

TEST_F(AdminBusTest, TheKeysAreExchangedWhileTokensStay) {
    const support::Issued issued = issue(kAlice);
    EXPECT_EQ(admin(kAliceBus, "RotateKey").error, patd_error(Errc::AccessDenied));
    ASSERT_TRUE(admin(kRootBus, "RotateKey").ok());
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return !rotation_->state().running; }));
    bus::Dict status = support::read_dict(admin(kRootBus, "Status"));
    EXPECT_EQ(status.take<bool>("rotating").value(), false);
    EXPECT_GE(status.take<std::uint32_t>("rotation-done").value(), 2U);
    EXPECT_EQ(status.take<std::string>("rotation-error").value(), "");
    EXPECT_TRUE(is_valid(support::text_of(issued.secret)));

    support::ClientSink sink(Uid(0));
    ASSERT_TRUE(admin(kRootBus, "RotateMasterKey", support::with_descriptor(sink.passed())).ok());
    const std::string next = sink.receive(*loop_);
    ASSERT_EQ(next.size(), 32U);
    EXPECT_EQ(admin(kRootBus, "RotateKey").error, patd_error(Errc::Busy));
    auditor_.reset();
    store_.reset();
    for (const bool works : {true, false}) {
        EXPECT_EQ(store::TokenStore::open({directory_.path()}, support::master_key(), random_)
                      .has_value(),
                  works)
            << "the old key works until the new one was used";
        store_ = store::TokenStore::open({directory_.path()},
                                         MasterKey(SecretBuffer::copy_of(next)), random_)
                     .value();
        EXPECT_TRUE(stored(issued.token.id));
        store_.reset();
    }
    store_ = store::TokenStore::open({directory_.path()}, MasterKey(SecretBuffer::copy_of(next)),
                                     random_)
                 .value();
    start_auditor();
}

TEST_F(AdminBusTest, RootGivesAQuarantinedTokenBackToTheAccountOfNow) {
    Token token = support::make_token(kAlice, TokenKind::Issued);
    token.owner_name = "alice-of-before";
    TokenSecret secret = make_issued_secret(token.id, random_).value();
    store_->insert(token, secret).value();
    const std::string id = token.id.text();
    const Reply checked = admin(kRootBus, "CheckOwners");
    ASSERT_TRUE(checked.ok());
    std::uint32_t quarantined = 0;
    sd_bus_message_read(checked.message.get(), "u", &quarantined);
    EXPECT_EQ(quarantined, 1U);
    EXPECT_FALSE(is_valid(support::text_of(secret)));
    EXPECT_TRUE(ids(manager(kAliceBus, "List")).empty());
    EXPECT_EQ(support::patd_error(Errc::NotFound), this->token(kAliceBus, id, "Show").error);
    EXPECT_EQ(ids(admin(kRootBus, "List", list_of(kAlice))), std::vector<std::string>{id});
    EXPECT_EQ(admin(kAliceBus, "Reinstate", revoke_of(kAlice, id)).error,
              patd_error(Errc::AccessDenied));
    EXPECT_EQ(admin(kRootBus, "Reinstate", revoke_of(kBob, id)).error, patd_error(Errc::NotFound));
    EXPECT_TRUE(admin(kRootBus, "Reinstate", revoke_of(kAlice, id)).ok());
    EXPECT_TRUE(is_valid(support::text_of(secret)));
    EXPECT_EQ(ids(manager(kAliceBus, "List")), std::vector<std::string>{id});
    EXPECT_EQ(events(kAlice), (std::vector<std::string>{"quarantine ok", "reinstate ok"}));
}

TEST_F(AdminBusTest, RestoreRefusesWhatIsNoBackupAndWhoIsNotRoot) {
    const UniqueFd file(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    const support::ClientSink sink(Uid(0));
    EXPECT_EQ(admin(kRootBus, "Restore", restore_of(file.get(), {})).error,
              patd_error(Errc::InvalidBackup));
    EXPECT_EQ(admin(kRootBus, "Restore", restore_of(sink.passed(), {})).error,
              patd_error(Errc::BadSink));
    EXPECT_EQ(
        admin(kRootBus, "Restore", restore_of(file.get(), support::dict({{"other", true}}))).error,
        patd_error(Errc::UnknownOption));
    EXPECT_EQ(admin(kAliceBus, "Restore", restore_of(file.get(), {})).error,
              patd_error(Errc::AccessDenied));
    EXPECT_EQ(admin(kAliceBus, "Backup", support::with_descriptor(file.get())).error,
              patd_error(Errc::AccessDenied));
}

// Root owns tokens like everybody else, and sees others' only here.
TEST_F(AdminBusTest, RootIsNotAlice) {
    const std::string id = issue(kAlice).token.id.text();
    EXPECT_EQ(token(kRootBus, id, "Show").error, patd_error(Errc::NotFound));
    EXPECT_EQ(token(kRootBus, id, "Delete").error, patd_error(Errc::NotFound));
    EXPECT_TRUE(ids(manager(kRootBus, "List")).empty());
}

}  // namespace
}  // namespace patd
