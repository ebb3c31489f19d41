// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/token_bus.h"

#include "tests/support/bus_fixture.h"
#include "tests/support/read_store.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::ClientSink;
using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::patd_error;
using support::Reply;
using support::with;

using Strings = std::vector<std::string>;

class TokenBusTest : public support::BusFixture {
  protected:
    void SetUp() override {
        BusFixture::SetUp();
        support::Issued issued = issue(kAlice);
        id_ = issued.token.id.text();
        secret_ = support::text_of(issued.secret);
    }
    bus::Dict show() { return support::read_dict(token(kAliceBus, id_, "Show")); }
    template <typename T>
    T shown(const char* key) {
        return show().take<T>(key).value().value();
    }
    Errc update_error(const bus::Dict& changes) {
        const Reply reply = token(kAliceBus, id_, "Update", with(changes));
        if (reply.ok())
            return Errc::Internal;
        return errc_from_name(reply.error.substr(std::string(names::kErrorPrefix).size())).value();
    }
    // Proves and commits; no secret is expected.
    Reply carry_out(const std::string& path) {
        prove(kAliceBus, path);
        return commit(kAliceBus, path, ClientSink(kAlice));
    }

    std::string id_;
    std::string secret_;
};

TEST_F(TokenBusTest, ShowsEverythingButTheSecret) {
    bus::Dict token = show();
    EXPECT_EQ(token.take<std::string>("id").value(), id_);
    EXPECT_EQ(token.take<std::string>("kind").value(), "issued");
    EXPECT_EQ(token.take<std::string>("state").value(), "active");
    EXPECT_EQ(token.take<std::string>("provenance").value(), "user");
    EXPECT_EQ(token.take<std::string>("confirm").value(), "never");
    EXPECT_EQ(token.take<std::string>("description").value(), "a laptop");
    EXPECT_EQ(token.take<Strings>("permissions").value(), Strings{"vcs:repository:rw"});
    EXPECT_EQ(token.take<Strings>("targets").value(), Strings{"https://git.example"});
    EXPECT_EQ(token.take<Strings>("only-units").value(), Strings{});
    EXPECT_EQ(token.take<std::string>("username").value(), "daemon");
    EXPECT_EQ(token.take<std::int64_t>("created").value(), support::FakeClock::kStart);
    EXPECT_EQ(token.take<std::int64_t>("expires").value(), 0);
    EXPECT_EQ(token.take<bool>("expires-soon").value(), false);
    EXPECT_EQ(token.take<std::uint32_t>("generation").value(), 1U);
    EXPECT_EQ(token.take<std::vector<std::string>>("refused-places").value(),
              std::vector<std::string>{});
    EXPECT_EQ(token.take<std::int64_t>("last-used-at").value(), 0);
    EXPECT_EQ(token.take<std::uint32_t>("last-used-by").value(), 0U);
    EXPECT_EQ(token.take<std::string>("last-used-how").value(), "");
    EXPECT_EQ(token.take<std::string>("last-used-where").value(), "");
    EXPECT_TRUE(token.expect_empty());
}

TEST_F(TokenBusTest, AnExpiredTokenSaysSo) {
    const TokenId id = TokenId::parse(id_).value();
    store_
        ->update(id, kAlice,
                 [](Token& token) -> Result<void> {
                     token.expires = support::FakeClock::kStart + 10;
                     return {};
                 })
        .value();
    EXPECT_EQ(shown<std::string>("state"), "active");
    clock_.advance(std::chrono::seconds(10));
    EXPECT_EQ(shown<std::string>("state"), "expired");
}

TEST_F(TokenBusTest, AnUpdateChangesWhatItNamesAfterCommit) {
    const Reply reply = token(kAliceBus, id_, "Update",
                              with(dict({{"description", std::string("a desktop")},
                                         {"permissions", Strings{"vcs:repository:ro"}}})));
    const std::string path = reply.path();
    prove(kAliceBus, path);
    EXPECT_EQ(shown<std::string>("description"), "a laptop");
    ASSERT_TRUE(commit(kAliceBus, path, ClientSink(kAlice)).ok());
    EXPECT_EQ(shown<std::string>("description"), "a desktop");
    EXPECT_EQ(shown<Strings>("permissions"), Strings{"vcs:repository:ro"});
    EXPECT_EQ(shown<Strings>("targets"), Strings{"https://git.example"});
    EXPECT_TRUE(is_valid(secret_));
}

// Row A9: frozen when the operation begins; nothing can change it later.
TEST_F(TokenBusTest, AnUpdateIsWhatItWasWhenItBegan) {
    const std::string first =
        token(kAliceBus, id_, "Update", with(dict({{"description", std::string("first")}}))).path();
    const std::string second =
        token(kAliceBus, id_, "Update", with(dict({{"description", std::string("second")}})))
            .path();
    ASSERT_TRUE(carry_out(first).ok());
    EXPECT_EQ(shown<std::string>("description"), "first");
    ASSERT_TRUE(carry_out(second).ok());
    EXPECT_EQ(shown<std::string>("description"), "second");
}

TEST_F(TokenBusTest, AnUpdateThatIsWrongNeverBegins) {
    const std::string before = store_bytes();
    EXPECT_EQ(update_error(dict({{"colour", true}})), Errc::UnknownOption);
    EXPECT_EQ(update_error(dict({{"Description", std::string("x")}})), Errc::UnknownOption);
    EXPECT_EQ(update_error(dict({{"owner", std::uint32_t{2}}})), Errc::UnknownOption);
    EXPECT_EQ(update_error(dict({{"description", true}})), Errc::MalformedRequest);
    EXPECT_EQ(update_error(dict({{"description", Strings{"x"}}})), Errc::MalformedRequest);
    EXPECT_EQ(update_error(dict({{"permissions", std::string("vcs")}})), Errc::MalformedRequest);
    EXPECT_EQ(update_error(dict({{"expires", std::uint32_t{1}}})), Errc::MalformedRequest);
    EXPECT_EQ(update_error(dict({{"reinstate", std::string("yes")}})), Errc::MalformedRequest);
    EXPECT_EQ(update_error(dict({{"description", std::string()}})), Errc::InvalidDescription);
    EXPECT_EQ(update_error(dict({{"description", std::string(65, 'x')}})),
              Errc::InvalidDescription);
    EXPECT_EQ(update_error(dict({{"description", std::string("a\nb")}})), Errc::InvalidDescription);
    EXPECT_EQ(update_error(dict({{"permissions", Strings{}}})), Errc::InvalidPermission);
    EXPECT_EQ(update_error(dict({{"permissions", Strings{"VCS"}}})), Errc::InvalidPermission);
    EXPECT_EQ(update_error(dict({{"targets", Strings{"https://*.example"}}})), Errc::InvalidTarget);
    EXPECT_EQ(update_error(dict({{"targets", Strings{"https://me@git.example"}}})),
              Errc::InvalidTarget);
    EXPECT_EQ(update_error(dict({{"expires", support::FakeClock::kStart}})), Errc::InvalidExpiry);
    EXPECT_EQ(update_error(dict({{"expires", std::int64_t{-1}}})), Errc::InvalidExpiry);
    EXPECT_EQ(update_error(dict({{"username", std::string("me")}})), Errc::InvalidUsername);
    EXPECT_EQ(update_error(dict({{"confirm", std::string("sometimes")}})), Errc::UnknownOption);
    EXPECT_EQ(operations_.size(), 0U);
    EXPECT_EQ(store_bytes(), before);
}

// Row R2: exactly one secret is valid at every step.
TEST_F(TokenBusTest, TheOldSecretLivesUntilTheNewOneIsAcknowledged) {
    const std::string path = token(kAliceBus, id_, "Regenerate", with({})).path();
    prove(kAliceBus, path);
    EXPECT_TRUE(is_valid(secret_));
    ClientSink sink(kAlice);
    ASSERT_TRUE(commit(kAliceBus, path, sink).ok());
    const std::string fresh = sink.receive(*loop_);
    EXPECT_NE(fresh, secret_);
    EXPECT_TRUE(is_valid(secret_));
    EXPECT_FALSE(is_valid(fresh));
    ASSERT_TRUE(operation(kAliceBus, path, "Acknowledge").ok());
    EXPECT_FALSE(is_valid(secret_));
    EXPECT_TRUE(is_valid(fresh));
    EXPECT_EQ(shown<std::uint32_t>("generation"), 2U);
    EXPECT_EQ(shown<std::string>("id"), id_);
}

TEST_F(TokenBusTest, RegenerateKnowsAnExpiryAndNothingElse) {
    const auto error = [&](const bus::Dict& options) {
        return token(kAliceBus, id_, "Regenerate", with(options)).error;
    };
    EXPECT_EQ(error(dict({{"description", std::string("x")}})), patd_error(Errc::UnknownOption));
    EXPECT_EQ(error(dict({{"expires", std::int64_t{1}}})), patd_error(Errc::InvalidExpiry));
    EXPECT_EQ(error(dict({{"expires", support::FakeClock::kStart + 100}})), "");
}

TEST_F(TokenBusTest, AnImportedTokenIsRegeneratedWithASecretOfTheClients) {
    const std::string id = import(kAlice, "ghp_old").id.text();
    const std::string path = token(kAliceBus, id, "Regenerate", with({})).path();
    Prompt prompt = next(kAliceBus, path);
    EXPECT_EQ(prompt.kind, "token-secret");
    support::answer(std::move(prompt.sink), "ghp_new");
    ASSERT_TRUE(carry_out(path).ok());
    const TokenSecret kept = open_secret(*store_, TokenId::parse(id).value()).value();
    EXPECT_EQ(support::text_of(kept), "ghp_new");
}

TEST_F(TokenBusTest, DeleteEndsTheTokenAtCommit) {
    const std::string path = token(kAliceBus, id_, "Delete").path();
    prove(kAliceBus, path);
    EXPECT_TRUE(is_valid(secret_));
    const Reply committed = commit(kAliceBus, path, ClientSink(kAlice));
    bus::Dict result = support::read_dict(committed);
    EXPECT_EQ(result.take<bool>("acknowledge").value(), false);
    EXPECT_FALSE(is_valid(secret_));
    EXPECT_EQ(token(kAliceBus, id_, "Show").error, patd_error(Errc::NotFound));
    EXPECT_EQ(operation(kAliceBus, path, "Acknowledge").error, patd_error(Errc::OperationGone));
}

TEST_F(TokenBusTest, ATokenThatGoesMeanwhileIsNotFoundAtCommit) {
    const std::string first = token(kAliceBus, id_, "Delete").path();
    const std::string second =
        token(kAliceBus, id_, "Update", with(dict({{"description", std::string("x")}}))).path();
    ASSERT_TRUE(carry_out(first).ok());
    EXPECT_EQ(carry_out(second).error, patd_error(Errc::NotFound));
}

}  // namespace
}  // namespace patd
