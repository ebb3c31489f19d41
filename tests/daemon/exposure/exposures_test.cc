// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/exposure/exposures.h"

#include "tests/support/exposure_fixture.h"
#include "tests/support/failing_memory.h"
#include "tests/support/full_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace patd {
namespace {

using support::caller_of;
using support::connect_to;
using support::kAlice;
using support::kBob;
using support::kGetGit;
using support::turn_until;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using Texts = std::vector<std::string>;

class ExposuresTest : public support::ExposureFixture {
  protected:
    bool is_refused(const std::string& path) {
        return turn_until(*loop_, [&] { return support::is_refused(path); });
    }
};

// Row A4: somebody else's token does not exist.
TEST_F(ExposuresTest, NobodyExposesTheTokenOfAnother) {
    const std::string alices = issue(kAlice).token.id.text();
    const std::string bobs = issue(kBob).token.id.text();
    for (const Uid other : {kBob, Uid(0)})
        EXPECT_EQ(open_error(other, {alices}), Errc::NotFound);
    EXPECT_EQ(open_error(kBob, {bobs, alices}), Errc::NotFound);
    for (const char* id : {"0123456789", "", "x", "0123456789x"})
        EXPECT_EQ(open_error(kBob, {id}), Errc::NotFound);
    Token old = support::make_token(kAlice, TokenKind::Imported);
    old.owner_name = "predecessor";
    store_->insert(old, support::secret_of("ghp_elsewhere")).value();
    EXPECT_EQ(open_error(kAlice, {old.id.text()}), Errc::NotFound);
    EXPECT_EQ(events(kAlice), Texts{});
    EXPECT_EQ(events(kBob), Texts{});
}

TEST_F(ExposuresTest, RefusesWhatNoExposureCanBe) {
    const std::string id = issue(kAlice).token.id.text();
    EXPECT_EQ(open_error(kAlice, {}), Errc::MalformedRequest);
    EXPECT_EQ(open_error(kAlice, Texts(limits::kExposureTokens + 1, id)), Errc::LimitExceeded);
    for (const std::chrono::seconds duration :
         {0s, -1s, std::chrono::seconds(limits::kExposureSecondsMax + 1),
          std::chrono::seconds::max(), std::chrono::seconds::min()})
        EXPECT_EQ(open_error(kAlice, {id}, duration), Errc::InvalidExpiry) << duration.count();
    state_.settings.expose_max = 10min;
    EXPECT_EQ(open_error(kAlice, {id}, 601s), Errc::InvalidExpiry);
    locks_->set_locked(kAlice, true);
    EXPECT_EQ(open_error(kAlice, {id}, 1s), Errc::Locked);
    const std::string path = directory_of_users_.file("bobs");
    EXPECT_EQ(
        exposures_->open(caller_of(kAlice), support::listen_as(kBob, path), {"daemon", {id}, 1s})
            .error()
            .code,
        Errc::BadListener);
    EXPECT_EQ(events(kAlice), Texts{});
}

// Row D1.
TEST_F(ExposuresTest, OneUserHasSoManyAndAllHaveSoMany) {
    const std::string id = issue(kAlice).token.id.text();
    for (std::size_t i = 0; i < limits::kExposuresPerUser; ++i)
        ASSERT_TRUE(try_open(kAlice, {id})) << i;
    EXPECT_EQ(open_error(kAlice, {id}), Errc::LimitExceeded);
    EXPECT_TRUE(try_open(kBob, {issue(kBob).token.id.text()}));
    exposures_->cut(caller_of(kAlice), exposures_->list(kAlice).front()->terms().id).value();
    EXPECT_TRUE(try_open(kAlice, {id}));
}

TEST_F(ExposuresTest, ShowsAndCutsOnlyTheCallersOwn) {
    const Token token = issue(kAlice).token;
    const std::string path = open({token.id}, 2h);
    clock_.advance(30min);
    ASSERT_EQ(exposures_->list(kAlice).size(), 1U);
    const Exposure& exposure = *exposures_->list(kAlice).front();
    EXPECT_EQ(exposure.terms().only, std::vector<TokenId>{token.id});
    EXPECT_EQ(exposure.expires(), support::FakeClock::kStart + 2 * 3600);
    EXPECT_TRUE(exposures_->list(kBob).empty());
    EXPECT_TRUE(exposures_->list(Uid(0)).empty());
    for (const Uid other : {kBob, Uid(0)})
        EXPECT_EQ(exposures_->cut(caller_of(other), last_id_).error().code, Errc::NotFound);
    EXPECT_EQ(exposures_->cut(caller_of(kAlice), "no").error().code, Errc::NotFound);
    EXPECT_TRUE(connect_to(path));
    exposures_->cut(caller_of(kAlice), last_id_).value();
    EXPECT_TRUE(support::is_refused(path));
    EXPECT_EQ(exposures_->cut(caller_of(kAlice), last_id_).error().code, Errc::NotFound);
    EXPECT_EQ(events(kAlice), (Texts{"expose ok", "cut ok"}));
}

TEST_F(ExposuresTest, ACutClosesEveryConnectionAtOnce) {
    const std::string path = open({issue(kAlice).token.id});
    const UniqueFd idle = connect_to(path);
    const UniqueFd begun = connect_to(path);
    send_text(begun, "patd=1\nop=ge");
    const UniqueFd asked = connect_to(path);
    send_text(asked, kGetGit);
    EXPECT_NE(receive(asked), "");
    exposures_->cut(caller_of(kAlice), last_id_).value();
    for (const UniqueFd* client : {&idle, &begun, &asked})
        EXPECT_EQ(receive(*client), "");
}

TEST_F(ExposuresTest, EndsWhenItsTimeIsOver) {
    const std::string path = open({issue(kAlice).token.id}, 60s);
    const UniqueFd client = connect_to(path);
    send_text(client, kGetGit);
    EXPECT_NE(value_of(receive(client), "password"), "");
    clock_.advance(60s);
    // Nothing is released any more, even before this was noticed.
    send_text(client, kGetGit);
    EXPECT_EQ(value_of(receive(client), "error"), "Unavailable");
    EXPECT_TRUE(is_refused(path));
    EXPECT_EQ(receive(client), "");
    EXPECT_EQ(events(kAlice), (Texts{"expose ok", "release ok", "cut expired"}));
    EXPECT_TRUE(exposures_->list(kAlice).empty());
}

TEST_F(ExposuresTest, AClockThatIsSetMovesNoEnd) {
    const std::string path = open({issue(kAlice).token.id}, 60s);
    clock_.jump_to(support::FakeClock::kStart - 1000);
    clock_.advance(59s);
    EXPECT_NE(value_of(ask(path, kGetGit), "password"), "");
    clock_.advance(1s);
    EXPECT_TRUE(is_refused(path));
}

TEST_F(ExposuresTest, EndsWhenNoneOfItsTokensIsLeft) {
    const Token first = issue(kAlice).token;
    const Token second = issue(kAlice, {.targets = {"https://forge.example"}}).token;
    const std::string path = open({first.id, second.id});
    store_->remove(first.id, kAlice, clock_.now()).value();
    EXPECT_EQ(ask(path, kGetGit), "\n");
    EXPECT_EQ(store_->remove_all(kAlice, support::name_of(kAlice), clock_.now()).value(), 1U);
    EXPECT_TRUE(is_refused(path));
    EXPECT_EQ(events(kAlice).back(), "cut gone");
}

TEST_F(ExposuresTest, EndsWhenItsUserShutsTheSocketDown) {
    const std::string path = directory_of_users_.file("own");
    const UniqueFd listener = support::listen_as(kAlice, path);
    exposures_
        ->open(caller_of(kAlice), UniqueFd(dup(listener.get())),
               {"daemon", {issue(kAlice).token.id.text()}, 1h})
        .value();
    shutdown(listener.get(), SHUT_RD);
    EXPECT_TRUE(turn_until(*loop_, [&] { return exposures_->list(kAlice).empty(); }));
    EXPECT_EQ(events(kAlice), (Texts{"expose ok", "cut closed"}));
}

TEST_F(ExposuresTest, NothingIsOpenedThatCannotBeRecorded) {
    const std::string id = issue(kAlice).token.id.text();
    {
        const support::FullDisk full;
        EXPECT_EQ(open_error(kAlice, {id}), Errc::Unavailable);
    }
    EXPECT_TRUE(exposures_->list(kAlice).empty());
    EXPECT_TRUE(support::is_refused(directory_of_users_.file("s1")));
}

// Wherever among its events the disk becomes full.
TEST_F(ExposuresTest, NoTokenIsSaidToBeExposedWhereAnothersEventFails) {
    const std::vector<std::string> ids = {issue(kAlice).token.id.text(),
                                          issue(kAlice).token.id.text()};
    // Written events stay, so that each time there is a little more room.
    bool is_open = false;
    for (rlim_t bytes = 0; !is_open && bytes < 262'144; bytes += 2048) {
        {
            const support::FullDisk full(bytes);
            is_open = try_open(kAlice, ids, 1h).has_value();
        }
        const Texts told = events(kAlice);
        const auto said = std::count(told.begin(), told.end(), "expose ok");
        EXPECT_TRUE(is_open || said == 0) << bytes;
    }
}

// Row D18.
TEST_F(ExposuresTest, ACutClosesWhicheverAllocationFails) {
    const TokenId token = issue(kAlice).token.id;
    std::string path = open({token});
    const std::size_t failed = support::with_each_allocation_failing(
        [&] { (void)exposures_->cut(caller_of(kAlice), last_id_); },
        [&](std::size_t nth) {
            EXPECT_TRUE(support::is_refused(path)) << nth;
            EXPECT_TRUE(exposures_->list(kAlice).empty()) << nth;
            path = open({token});
        });
    EXPECT_GT(failed, 0U);
}

TEST_F(ExposuresTest, TheirEndCutsThemAll) {
    const std::string path = open({issue(kAlice).token.id});
    const UniqueFd client = connect_to(path);
    exposures_.reset();
    EXPECT_TRUE(support::is_refused(path));
    EXPECT_EQ(receive(client), "");
}

}  // namespace
}  // namespace patd
