// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/verify_plan.h"

#include "tests/support/bus_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::ClientSink;
using support::dict;
using support::kAlice;
using support::kBob;
using support::kBobBus;
using support::patd_error;
using support::with;

using Strings = std::vector<std::string>;

// Bob's service was given a secret of Alice's.
class VerifyPlanTest : public support::BusFixture {
  protected:
    bus::Dict verify(const std::string& secret, const bus::Dict& options = {}) {
        const std::string path = manager(kBobBus, "Verify", with(options)).path();
        Prompt prompt = next(kBobBus, path);
        EXPECT_EQ(prompt.kind, "token-secret");
        support::answer(std::move(prompt.sink), secret);
        EXPECT_EQ(next(kBobBus, path).kind, "done");
        return support::read_dict(commit(kBobBus, path, ClientSink(kBob)));
    }
    std::string reason(const std::string& secret, const bus::Dict& options = {}) {
        bus::Dict result = verify(secret, options);
        EXPECT_EQ(result.take<bool>("valid").value(), false);
        EXPECT_EQ(result.take<bool>("acknowledge").value(), false);
        std::string why = result.take<std::string>("reason").value().value();
        EXPECT_TRUE(result.expect_empty());
        return why;
    }
    std::string options_error(const bus::Dict& options) {
        return manager(kBobBus, "Verify", with(options)).error;
    }
};

TEST_F(VerifyPlanTest, TellsWhoseTokenItIsAndAsksForNoPassword) {
    const support::Issued issued = issue(kAlice);
    bus::Dict result = verify(support::text_of(issued.secret));
    EXPECT_EQ(result.take<bool>("valid").value(), true);
    EXPECT_EQ(result.take<std::string>("id").value(), issued.token.id.text());
    EXPECT_EQ(result.take<std::string>("kind").value(), "issued");
    EXPECT_EQ(result.take<std::uint32_t>("uid").value(), 1U);
    EXPECT_EQ(result.take<std::string>("user").value(), "daemon");
    EXPECT_EQ(result.take<Strings>("permissions").value(), Strings{"vcs:repository:rw"});
    EXPECT_EQ(result.take<std::int64_t>("expires").value(), 0);
    EXPECT_EQ(result.take<bool>("acknowledge").value(), false);
    EXPECT_TRUE(result.expect_empty());
    EXPECT_FALSE(auth_.has_caller());
}

TEST_F(VerifyPlanTest, HoldsTheTokenAgainstWhatIsAskedFor) {
    const std::string secret = support::text_of(issue(kAlice).secret);
    const bus::Dict fitting = dict({{"permission", std::string("vcs:repository:ro")},
                                    {"audience", std::string("https://git.example")},
                                    {"user", std::string("daemon")}});
    EXPECT_EQ(verify(secret, fitting).take<bool>("valid").value(), true);
    EXPECT_EQ(reason(secret, dict({{"permission", std::string("admin:user:rw")}})), "permission");
    EXPECT_EQ(reason(secret, dict({{"audience", std::string("https://evil.example")}})),
              "audience");
    EXPECT_EQ(reason(secret, dict({{"user", std::string("bin")}})), "user");
}

TEST_F(VerifyPlanTest, TellsWhyASecretIsNotValid) {
    const support::Issued issued = issue(kAlice);
    const std::string secret = support::text_of(issued.secret);
    EXPECT_EQ(reason("hunter2"), "malformed");
    const TokenId absent = TokenId::generate(random_).value();
    EXPECT_EQ(reason(support::text_of(make_issued_secret(absent, random_).value())), "unknown");
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(reason(secret), "locked");
    locks_->set_locked(kAlice, false);
    store_->remove(issued.token.id, kAlice, clock_.now()).value();
    EXPECT_EQ(reason(secret), "dead");
}

TEST_F(VerifyPlanTest, RefusesOptionsThatItDoesNotUnderstand) {
    EXPECT_EQ(options_error(dict({{"token", std::string("x")}})), patd_error(Errc::UnknownOption));
    EXPECT_EQ(options_error(dict({{"permission", std::string("vcs:*")}})),
              patd_error(Errc::InvalidPermission));
    EXPECT_EQ(options_error(dict({{"audience", std::string("git.example")}})),
              patd_error(Errc::InvalidTarget));
    EXPECT_EQ(options_error(dict({{"audience", std::string("https://git.example/path")}})),
              patd_error(Errc::InvalidTarget));
    EXPECT_EQ(options_error(dict({{"user", std::uint32_t{1}}})),
              patd_error(Errc::MalformedRequest));
    EXPECT_EQ(operations_.size(), 0U);
}

TEST_F(VerifyPlanTest, EveryUserMayAsk) {
    identity_.set(kBobBus, Uid(33));
    EXPECT_TRUE(manager(kBobBus, "Verify", with({})).ok());
    identity_.set(kBobBus, Uid(61184));
    EXPECT_TRUE(manager(kBobBus, "Verify", with({})).ok());
    identity_.set(kBobBus, Uid(65534));
    EXPECT_EQ(manager(kBobBus, "Verify", with({})).error, patd_error(Errc::AccessDenied));
}

}  // namespace
}  // namespace patd
