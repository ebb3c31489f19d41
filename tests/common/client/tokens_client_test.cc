// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/tokens_client.h"

#include "common/base/names.h"
#include "tests/common/client/fake_service.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace patd::client {
namespace {

const TokenId kId = *TokenId::parse("AbCdE01234");

Dictionary one(const char* key, Value value) {
    Dictionary dictionary;
    dictionary.set(key, std::move(value));
    return dictionary;
}

class TokensClientTest : public testing::Test {
  protected:
    // The last call as the service received it.
    Call last() const { return service_.calls().back(); }

    FakeService service_{Script{.tokens = {one("id", "AbCdE01234")},
                                .events = {one("event", "release"), one("event", "verify")},
                                .candidates = {one("verdict", "released")},
                                .outcome = "released",
                                .status = one("locked", true)}};
    TokensClient client_{service_.connect()};
};

TEST_F(TokensClientTest, BeginsToCreateWithDescriptionPermissionsAndOptions) {
    const Dictionary options = one("expires", std::int64_t{42});
    ASSERT_TRUE(client_.begin_create("ci", {"vcs:repository:ro", "vcs:repository:rw"}, options));
    EXPECT_EQ(last().member, "Create");
    EXPECT_EQ(last().path, names::kManagerPath);
    EXPECT_EQ(last().texts,
              (std::vector<std::string>{"ci", "vcs:repository:ro", "vcs:repository:rw"}));
    EXPECT_EQ(last().options, options);
}

TEST_F(TokensClientTest, BeginsEveryOperationOfTheManager) {
    const Dictionary options = one("username", "alice");
    ASSERT_TRUE(client_.begin_import("forge", options));
    EXPECT_EQ(last().member, "Import");
    EXPECT_EQ(last().texts, std::vector<std::string>{"forge"});
    EXPECT_EQ(last().options, options);
    ASSERT_TRUE(client_.begin_import_many({options, one("username", "bob")}));
    EXPECT_EQ(last().member, "ImportMany");
    EXPECT_EQ(last().many, (std::vector<Dictionary>{options, one("username", "bob")}));
    ASSERT_TRUE(client_.begin_unlock(options));
    EXPECT_EQ(last().member, "Unlock");
    ASSERT_TRUE(client_.begin_verify(options));
    EXPECT_EQ(last().member, "Verify");
    EXPECT_EQ(last().options, options);
    ASSERT_TRUE(client_.begin_remove_all());
    EXPECT_EQ(last().member, "RemoveAll");
    ASSERT_TRUE(client_.begin_set_service_password());
    EXPECT_EQ(last().member, "SetServicePassword");
}

TEST_F(TokensClientTest, BeginsEveryOperationOfATokenAtItsObject) {
    const Dictionary changes = one("reinstate", true);
    ASSERT_TRUE(client_.begin_update(kId, changes));
    EXPECT_EQ(last().member, "Update");
    EXPECT_EQ(last().path, "/org/patd/Tokens1/token/AbCdE01234");
    EXPECT_EQ(last().options, changes);
    ASSERT_TRUE(client_.begin_regenerate(kId, {}));
    EXPECT_EQ(last().member, "Regenerate");
    ASSERT_TRUE(client_.begin_delete(kId));
    EXPECT_EQ(last().member, "Delete");
}

TEST_F(TokensClientTest, OpensListsAndCutsExposures) {
    const UniqueFd file(memfd_create("listener", MFD_CLOEXEC));
    ASSERT_EQ(write(file.get(), "passed", 6), 6);
    const Dictionary options = one("seconds", std::int64_t{60});
    EXPECT_EQ(client_.open_exposure(file.get(), options).value(), "released");
    EXPECT_EQ(last().member, "Expose");
    EXPECT_EQ(last().content, "passed");
    EXPECT_EQ(last().options, options);
    service_.script().exposures = {one("id", "AbC123")};
    EXPECT_EQ(client_.list_exposures().value(), service_.script().exposures);
    ASSERT_TRUE(client_.cut("AbC123"));
    EXPECT_EQ(last().member, "Cut");
    EXPECT_EQ(last().texts, std::vector<std::string>{"AbC123"});
}

TEST_F(TokensClientTest, AnOperationOutlivesTheClient) {
    std::optional<Operation> operation;
    {
        TokensClient client = std::move(client_);
        operation = client.begin_delete(kId).value();
    }
    EXPECT_EQ(operation->next().value().kind, PromptKind::Done);
}

TEST_F(TokensClientTest, ReadsListShowEventsExplanationAndStatus) {
    EXPECT_EQ(client_.list().value().at(0).text("id"), "AbCdE01234");
    EXPECT_EQ(client_.show(kId).value().text("id"), "AbCdE01234");
    EXPECT_EQ(last().path, "/org/patd/Tokens1/token/AbCdE01234");
    EXPECT_EQ(client_.list_events(one("limit", std::uint32_t{2})).value().size(), 2U);
    EXPECT_EQ(last().options.count("limit"), 2U);
    const Explanation explanation =
        client_.explain("https://git.example/a", one("unit", std::string("a.service"))).value();
    EXPECT_EQ(last().options.text("unit"), "a.service");
    EXPECT_EQ(explanation.outcome, "released");
    EXPECT_EQ(explanation.candidates.at(0).text("verdict"), "released");
    EXPECT_EQ(last().texts, std::vector<std::string>{"https://git.example/a"});
    EXPECT_TRUE(client_.status().value().flag("locked"));
    EXPECT_TRUE(client_.lock());
    EXPECT_EQ(last().member, "Lock");
}

TEST_F(TokensClientTest, AdminNamesTheUserByUid) {
    EXPECT_EQ(client_.admin_list(Uid(1000)).value().size(), 1U);
    EXPECT_EQ(last().texts, std::vector<std::string>{"1000"});
    EXPECT_EQ(client_.admin_list_events(one("uid", std::uint32_t{7})).value().size(), 2U);
    EXPECT_EQ(last().member, "ListEvents");
    EXPECT_EQ(last().interface, "org.patd.Tokens1.Admin");
    EXPECT_EQ(last().options.count("uid"), 7U);
    EXPECT_TRUE(client_.admin_list_owners().value().empty());
    EXPECT_TRUE(client_.admin_status());
    service_.script().secret = "the-master-key";
    const SecretBuffer key = client_.admin_export_key().value();
    EXPECT_EQ(std::string(key.reveal().data(), key.size()), "the-master-key");
    const UniqueFd file(memfd_create("backup", MFD_CLOEXEC));
    EXPECT_TRUE(client_.admin_backup(file.get()));
    Dictionary choice;
    choice.set("keep-dead", true);
    EXPECT_EQ(client_.admin_restore(file.get(), choice).value().dead, service_.script().candidates);
    EXPECT_EQ(last().content, "the-master-key");
    EXPECT_EQ(last().options, choice);
    EXPECT_TRUE(client_.admin_reinstate(Uid(1000), kId));
    EXPECT_EQ(client_.admin_check_owners().value(), 3U);
    EXPECT_TRUE(client_.admin_rotate_key());
    EXPECT_EQ(client_.admin_rotate_master_key().value().size(), key.size());
    ASSERT_TRUE(client_.admin_confirm_export());
    EXPECT_EQ(last().member, "ConfirmExport");
    ASSERT_TRUE(client_.begin_admin_import("backup", "off-site", {}));
    EXPECT_EQ(last().member, "Import");
    EXPECT_EQ(last().texts, (std::vector<std::string>{"backup", "off-site"}));
    ASSERT_TRUE(client_.admin_revoke(Uid(1000), kId));
    EXPECT_EQ(last().member, "Revoke");
    EXPECT_EQ(last().texts, (std::vector<std::string>{"1000", "AbCdE01234"}));
}

TEST_F(TokensClientTest, PassesOnWhatTheServiceRefuses) {
    service_.script().errors = {{"Create", "org.patd.Tokens1.Error.LimitExceeded"},
                                {"List", "org.patd.Tokens1.Error.AccessDenied"},
                                {"Show", "org.patd.Tokens1.Error.NotFound"}};
    EXPECT_EQ(client_.begin_create("ci", {"vcs"}, {}).error().code, Errc::LimitExceeded);
    EXPECT_EQ(client_.list().error().code, Errc::AccessDenied);
    EXPECT_EQ(client_.show(kId).error().code, Errc::NotFound);
}

}  // namespace
}  // namespace patd::client
