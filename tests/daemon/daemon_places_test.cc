// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/support/as_uid.h"
#include "tests/support/daemon_fixture.h"

namespace patd {
namespace {

using support::connect_to;
using support::kLoginUid;
using support::turn_until;

// Row D6: who may fill the line socket, and what stays free for services.
class DaemonPlacesTest : public support::DaemonConfigTest {
  protected:
    DaemonPlacesTest() {
        ::chmod(directory_.path().c_str(), 0755);  // other users connect to the socket
        SystemRandom random;
        const auto store =
            store::TokenStore::open({options_.state_directory, true}, support::master_key(), random)
                .value();
        // Owners of tokens are not strangers, whatever the name service says.
        for (std::uint32_t i = 0; i < kUsers; ++i) {
            Token token{TokenId::generate(random).value(), Uid(kLoginUid + i), "user"};
            token.kind = TokenKind::Issued;
            token.description = "a laptop";
            secret_ = make_issued_secret(token.id, random).value();
            store->insert(token, secret_).value();
        }
    }
    void connect_as(std::uint32_t uid, int count) {
        {
            const support::AsUid user{Uid(uid)};
            for (int i = 0; i < count; ++i)
                held_.push_back(connect_to(options_.line_socket));
        }
        EXPECT_TRUE(held_.back()) << "nobody can connect here";
        // Root's connection queues behind them in the listener.
        EXPECT_TRUE(ask("patd=1\nop=capability\n\n").starts_with("version=0\n"));
    }
    // As many users as fit, and sub-uids of theirs.
    void fill_every_place() {
        for (std::uint32_t i = 0; i < kUsers; ++i)
            connect_as(kLoginUid + i, 4);
        for (std::uint32_t i = 0; i < 20; ++i)
            connect_as(100'000 + i, 2);
    }
    std::size_t open_of(std::size_t first, std::size_t count) const {
        std::size_t open = 0;
        for (std::size_t i = first; i < first + count; ++i) {
            char byte = 0;
            open += recv(held_[i].get(), &byte, 1, MSG_DONTWAIT) < 0 ? 1 : 0;
        }
        return open;
    }
    std::string verify_as(std::uint32_t uid) {
        const support::AsUid service{Uid(uid)};
        return ask("patd=1\nop=verify\ntoken=" + support::text_of(secret_) + "\n\n");
    }

    static constexpr std::uint32_t kUsers = 6;
    TokenSecret secret_;
    std::vector<UniqueFd> held_;
};

constexpr char kFewPlaces[] = "[Patd]\nLineConnections=8\nLineConnectionsPerUser=4\n";

TEST_F(DaemonPlacesTest, D6_AServiceIsServedWhileUsersAndSubUidsFillEveryPlace) {
    const auto daemon = create_configured(kFewPlaces).value();
    fill_every_place();
    // Ten times as many as a user may have: all of them are accepted, and none gives way.
    const std::size_t first = held_.size();
    connect_as(33, 40);
    EXPECT_EQ(open_of(first, 40), 40U);
    fill_every_place();
    EXPECT_EQ(open_of(first, 40), 40U) << "a service gave way to somebody else";
    EXPECT_TRUE(verify_as(33).starts_with("valid=1\n"));
    EXPECT_TRUE(verify_as(0).starts_with("valid=1\n"));
    EXPECT_EQ(open_of(first, 40), 40U);
}

TEST_F(DaemonPlacesTest, NorDoServicesTakeThePlacesOfUsers) {
    const auto daemon = create_configured(kFewPlaces).value();
    connect_as(kLoginUid, 2);
    connect_as(33, 40);
    connect_as(34, 40);
    EXPECT_EQ(open_of(0, 2), 2U);
    EXPECT_TRUE(verify_as(kLoginUid + 1).starts_with("valid=1\n"));
}

// An account in the login range that runs a service.
TEST_F(DaemonPlacesTest, AnAccountThatIsNamedIsAServiceAndAReloadMakesItOne) {
    const auto daemon = create_configured(kFewPlaces).value();
    constexpr std::uint32_t kNobody = 65534;  // the account of that name
    const auto is_let_in = [&] {
        const std::size_t first = held_.size();
        connect_as(kNobody, 10);
        return open_of(first, 10) == 10;
    };
    EXPECT_FALSE(is_let_in());
    reload(*daemon, std::string(kFewPlaces) + "ServiceAccounts=gitea nobody\n");
    EXPECT_TRUE(turn_until(*loop_, is_let_in));
    reload(*daemon, kFewPlaces);
    EXPECT_FALSE(is_let_in());
}

}  // namespace
}  // namespace patd
