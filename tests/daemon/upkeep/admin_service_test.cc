// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/admin_service.h"

#include "tests/support/client_sink.h"
#include "tests/support/full_disk.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::caller_of;
using support::ClientSink;
using support::kAlice;
using support::kBob;
using support::text_of;

class AdminServiceTest : public support::ServiceFixture {
  protected:
    AdminService service(AdminService::FindKey find_key = [] { return support::master_key(); }) {
        rotation_.emplace(*loop_, context(), find_key);
        return {context(), std::move(find_key), writer_, *rotation_};
    }
    static Done into(std::optional<Result<void>>& answer) {
        return [&answer](const Result<void>& done) { answer.emplace(done); };
    }
    std::optional<KeyRotation> rotation_;

    UnixTime exported_at(AdminService& admin) {
        UnixTime at = -1;
        admin.status(
            [&](const Result<AdminService::Status>& status) { at = status.value().key_exported; });
        return at;
    }
    // How many master keys open the store.
    std::int64_t wraps() {
        auto file = store::Connection::open(directory_.file("store.db")).value();
        store::Query query = file.query("SELECT count(DISTINCT wrap) FROM key").value();
        query.step().value();
        return query.integer(0);
    }
    bool opens(const std::string& key) {
        return store::StoreAdmin(*store_)
            .check_master_key(MasterKey(SecretBuffer::copy_of(key)))
            .has_value();
    }
};

TEST_F(AdminServiceTest, CountsTokensByAccount) {
    (void)issue(kAlice);
    (void)issue(kBob);
    (void)issue(kBob);
    AdminService admin = service();
    std::vector<store::OwnerSummary> owners;
    admin.list_owners(
        [&](const Result<std::vector<store::OwnerSummary>>& found) { owners = found.value(); });
    ASSERT_EQ(owners.size(), 2U);
    EXPECT_EQ(owners[0].owner, kAlice);
    EXPECT_EQ(owners[1].name, support::name_of(kBob));
    EXPECT_EQ(owners[1].tokens, 2U);
}

TEST_F(AdminServiceTest, RecordsAnExportAndRemembersOneThatIsConfirmed) {
    AdminService admin = service();
    EXPECT_EQ(exported_at(admin), 0);
    ClientSink sink(Uid(0));
    std::optional<Result<void>> answer;
    admin.export_key(caller_of(Uid(0)), UniqueFd(dup(sink.passed())), into(answer));
    ASSERT_TRUE(answer.value());
    EXPECT_EQ(sink.receive(*loop_), text_of(TokenSecret(support::master_key().take())));
    EXPECT_EQ(events(Uid(0)), std::vector<std::string>{"export-key ok"});
    admin.confirm_export(into(answer));
    ASSERT_TRUE(answer.value());
    EXPECT_EQ(exported_at(admin), clock_.now());
}

// Row D21.
TEST_F(AdminServiceTest, WhatCouldNotBeginIsNotUnderWayForEver) {
    AdminService admin = service();
    const auto restore = [&] {
        Errc answer = Errc::Internal;
        admin.restore(caller_of(Uid(0)), UniqueFd(), {},
                      [&](const auto& report) { answer = report.error().code; });
        return answer;
    };
    const Errc expected = restore();
    EXPECT_NE(expected, Errc::Busy);
    writer_.fail_once();
    EXPECT_THROW((void)restore(), std::bad_alloc);
    EXPECT_EQ(restore(), expected);

    std::optional<Result<void>> answer;
    writer_.fail_once();
    EXPECT_THROW(admin.rotate_key(caller_of(Uid(0)), into(answer)), std::bad_alloc);
    EXPECT_FALSE(rotation_->state().running);
    EXPECT_EQ(rotation_->state().failure, Errc::Internal);
    admin.rotate_key(caller_of(Uid(0)), into(answer));
    EXPECT_TRUE(answer.value());
    EXPECT_EQ(events(Uid(0)), (std::vector<std::string>{"rotate-key Internal", "rotate-key ok"}));
}

TEST_F(AdminServiceTest, SendsNoKeyThatIsGoneOrDoesNotOpenTheStore) {
    const std::vector<std::pair<AdminService::FindKey, Errc>> cases = {
        {[] { return Result<MasterKey>(Errc::NotFound); }, Errc::NotFound},
        {[] { return Result<MasterKey>(support::master_key('x')); }, Errc::Corrupt},
    };
    for (const auto& [find_key, expected] : cases) {
        AdminService admin = service(find_key);
        ClientSink sink(Uid(0));
        std::optional<Result<void>> answer;
        admin.export_key(caller_of(Uid(0)), UniqueFd(dup(sink.passed())), into(answer));
        EXPECT_EQ(answer.value().error().code, expected);
        EXPECT_EQ(sink.receive(*loop_), "");
    }
    EXPECT_TRUE(events(Uid(0)).empty());
}

// Rows S6, D10.
TEST_F(AdminServiceTest, AMasterKeyThatTheSinkDidNotTakeOpensNothing) {
    AdminService admin = service();
    std::optional<Result<void>> answer;
    const auto rotate = [&](const ClientSink& sink) {
        admin.rotate_master_key(caller_of(Uid(0)), UniqueFd(dup(sink.passed())), into(answer));
        return answer.value() ? Errc::Internal : answer.value().error().code;
    };
    ClientSink gone(Uid(0));
    gone.leave();
    EXPECT_EQ(rotate(gone), Errc::BadSink);
    const ClientSink full(Uid(0));
    full.fill();
    EXPECT_EQ(rotate(full), Errc::BadSink);
    const ClientSink of_alice(kAlice);
    EXPECT_EQ(rotate(of_alice), Errc::BadSink);
    EXPECT_EQ(wraps(), 1);
    EXPECT_EQ(events(Uid(0)),
              (std::vector<std::string>{"rotate-master-key shown", "rotate-master-key shown"}));
}

// Row L3.
TEST_F(AdminServiceTest, AMasterKeyOfWhichNothingIsRecordedStaysHere) {
    AdminService admin = service();
    ClientSink sink(Uid(0));
    std::optional<Result<void>> answer;
    {
        const support::FullDisk full;
        admin.rotate_master_key(caller_of(Uid(0)), UniqueFd(dup(sink.passed())), into(answer));
    }
    EXPECT_EQ(answer.value().error().code, Errc::Unavailable);
    EXPECT_EQ(sink.receive(*loop_), "");
    EXPECT_EQ(wraps(), 1);
}

// Row S6.
TEST_F(AdminServiceTest, AMasterKeyThatTheStoreDidNotTakeIsAnError) {
    AdminService admin = service();
    ClientSink sink(Uid(0));
    std::optional<Result<void>> answer;
    writer_.hold();
    admin.rotate_master_key(caller_of(Uid(0)), UniqueFd(dup(sink.passed())), into(answer));
    writer_.run_one();
    ASSERT_FALSE(answer.has_value()) << "the store has its turn when the sink has the key";
    {
        const support::FullDisk full;
        writer_.run_one();
    }
    EXPECT_EQ(answer.value().error().code, Errc::Unavailable);
    const std::string sent = sink.receive(*loop_);
    EXPECT_EQ(sent.size(), 32U);
    EXPECT_FALSE(opens(sent));
    EXPECT_TRUE(opens(std::string(32, 'k')));
    EXPECT_EQ(wraps(), 1);
    writer_.release();

    ClientSink second(Uid(0));
    admin.rotate_master_key(caller_of(Uid(0)), UniqueFd(dup(second.passed())), into(answer));
    ASSERT_TRUE(answer.value());
    EXPECT_TRUE(opens(second.receive(*loop_)));
    EXPECT_TRUE(opens(std::string(32, 'k')));
    EXPECT_EQ(wraps(), 2);
    EXPECT_EQ(events(Uid(0)).back(), "rotate-master-key ok");
}

}  // namespace
}  // namespace patd
