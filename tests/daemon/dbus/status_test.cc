// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/status.h"

#include "common/token/visible_text.h"
#include "daemon/context/peer_process.h"
#include "daemon/release/release.h"
#include "daemon/release/verify.h"
#include "tests/support/service_fixture.h"

#include <filesystem>

namespace patd {
namespace {

using support::caller_of;
using support::kAlice;
using support::kBob;

using support::kNow;

class StatusTest : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        state_.state_directory = "/var/lib/patd";
        state_.key_source = "credential";
        state_.started = kNow - 100;
        state_.config_loaded = kNow - 10;
        state_.config_files = 3;
        state_.config_refused = true;
    }
    bus::Dict status(Uid uid) {
        return read_status(context(), caller_of(uid), support::name_of(uid)).value();
    }
    void release(Uid uid) {
        Releaser(context()).get(caller_of(uid), support::request_for("https://git.example"),
                                [](const auto&) {});
    }
    void verify(std::string_view secret) {
        (void)Verifier(context()).verify(caller_of(kBob), secret, {}).value();
    }
};

// An ordinary user learns nothing about what others have or do.
TEST_F(StatusTest, ShowsAUserHisOwnAndWhatIsPublic) {
    state_.settings.tokens_per_user = 7;
    state_.settings.token_lifetime_max = std::chrono::hours(24);
    state_.settings.expose_max = std::chrono::minutes(30);
    state_.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
    issue(kAlice);
    issue(kBob);
    bus::Dict found = status(kAlice);
    EXPECT_EQ(found.take<std::string>("version").value(), PATD_VERSION);
    EXPECT_EQ(found.take<std::string>("mode").value(), "system");
    EXPECT_EQ(found.take<std::string>("user").value(), "daemon");
    EXPECT_EQ(found.take<std::uint32_t>("uid").value(), 1U);
    EXPECT_EQ(found.take<bool>("locked").value(), false);
    EXPECT_EQ(found.take<bool>("memory-locked").value(), true);
    EXPECT_EQ(found.take<std::uint32_t>("tokens").value(), 1U);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-expiring").value(), 0U);
    EXPECT_EQ(found.take<std::int64_t>("expiry-notice").value(), 7 * 24 * 3600);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-max").value(), 7U);
    EXPECT_EQ(found.take<std::int64_t>("token-lifetime-max").value(), 24 * 3600);
    EXPECT_EQ(found.take<std::int64_t>("unlock-max").value(), 8 * 3600);
    EXPECT_EQ(found.take<std::int64_t>("expose-max").value(), 30 * 60);
    EXPECT_EQ(found.take<std::uint32_t>("schema").value(), store::kSchemaVersion);
    EXPECT_EQ(found.take<std::string>("gateway").value(), "http://127.0.0.1:9200");
    EXPECT_EQ(found.take<std::string>("key-source").value(), "credential");
    EXPECT_EQ(found.take<std::string>("release-rules").value(),
              has_peer_descriptors() ? "enforced" : "advisory");
    EXPECT_EQ(found.take<std::int64_t>("started").value(), kNow - 100);
    EXPECT_EQ(found.take<std::int64_t>("config-loaded").value(), kNow - 10);
    EXPECT_EQ(found.take<bool>("rolled-back").value(), false);
    EXPECT_EQ(found.take<std::string>("clock").value().value(), "right");
    EXPECT_EQ(found.take<UnixTime>("time").value().value(), clock_.now());
    EXPECT_TRUE(found.expect_empty());
}

TEST_F(StatusTest, SaysWhyTheStoreOfPerUserModeIsClosed) {
    state_.key_source = "keyring";
    store_->detach_reader(Errc::StoreLocked);
    bus::Dict found = status(kAlice);
    EXPECT_EQ(found.take<std::string>("mode").value(), "user");
    EXPECT_EQ(found.take<std::string>("keyring").value(), "StoreLocked");
    EXPECT_EQ(found.take<std::string>("version").value(), PATD_VERSION);
    EXPECT_EQ(found.take<std::string>("user").value(), "daemon");
    EXPECT_EQ(found.take<std::uint32_t>("uid").value(), 1U);
    EXPECT_TRUE(found.expect_empty());
}

TEST_F(StatusTest, ShowsRootTheStoreAndTheConfiguration) {
    issue(kAlice);
    issue(kBob);
    bus::Dict found = status(Uid(0));
    EXPECT_EQ(found.take<std::uint32_t>("tokens").value(), 0U);
    EXPECT_EQ(found.take<std::uint32_t>("tokens-all").value(), 2U);
    EXPECT_EQ(found.take<std::string>("store").value(), "/var/lib/patd");
    const auto bytes = std::filesystem::file_size(directory_.file("store.db")) +
                       std::filesystem::file_size(directory_.file("store.db-wal"));
    EXPECT_EQ(found.take<std::int64_t>("store-bytes").value(), static_cast<std::int64_t>(bytes));
    EXPECT_EQ(found.take<std::uint32_t>("config-files").value(), 3U);
    EXPECT_EQ(found.take<bool>("config-refused").value(), true);
}

// Root sees who has to wait; everybody else only that he himself has to.
TEST_F(StatusTest, SaysHowLongUntilTheNextPassword) {
    const std::vector<StepUpServices::Wait> waits = {
        {kAlice, support::name_of(kAlice), std::chrono::seconds(41)},
        {kBob, "a\nb", std::chrono::seconds(7)}};
    const auto told = [&](Uid uid) {
        return read_status(context(), caller_of(uid), support::name_of(uid), waits).value();
    };
    bus::Dict alice = told(kAlice);
    EXPECT_EQ(alice.take<std::uint32_t>("password-wait").value(), 41U);
    EXPECT_FALSE(alice.take<std::vector<std::string>>("password-waits").value());
    bus::Dict root = told(Uid(0));
    EXPECT_FALSE(root.take<std::uint32_t>("password-wait").value());
    const auto all = root.take<std::vector<std::string>>("password-waits").value().value();
    EXPECT_EQ(all, (std::vector<std::string>{support::name_of(kAlice) + " 41",
                                             make_visible("a\nb") + " 7"}));
}

TEST_F(StatusTest, ShowsRootHowMuchIsDone) {
    const support::Issued issued = issue(kAlice);
    release(kAlice);
    release(kAlice);
    release(kBob);  // has none: nothing happens
    locks_->set_locked(kAlice, true);
    release(kAlice);
    locks_->set_locked(kAlice, false);
    for (int i = 0; i < 3; ++i)
        verify(support::text_of(issued.secret));
    verify("pat1_nonsense");
    const auto numbers = [&] {
        bus::Dict found = status(Uid(0));
        std::vector<std::int64_t> all;
        for (const char* name : {"releases", "verifies", "refusals"}) {
            all.push_back(found.take<std::int64_t>(name).value().value());
            all.push_back(found.take<std::uint32_t>(std::string(name) + "-minute").value().value());
        }
        return all;
    };
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2, 2, 3, 3, 2, 2}));
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2, 0, 3, 0, 2, 0}));
}

}  // namespace
}  // namespace patd
