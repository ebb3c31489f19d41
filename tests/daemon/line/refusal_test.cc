// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/refusal.h"

#include "common/base/limits.h"
#include "common/base/unix_socket.h"
#include "common/line/line_client.h"
#include "common/line/line_message.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace patd {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRequest = "patd=1\nop=get\nprotocol=https\nhost=git.example\n\n";

class RefusalTest : public ::testing::Test {
  protected:
    RefusalTest() {
        const sockaddr_un address = unix_address(path_).value();
        EXPECT_EQ(bind(listener_.get(), as_sockaddr(address), sizeof(address)), 0);
        EXPECT_EQ(listen(listener_.get(), 8), 0);
    }
    line::LineClient client() const { return line::LineClient::connect(path_.c_str()).value(); }
    // The attribute of the reply to a request that is sent now.
    static std::string ask(line::LineClient& client, std::string_view key) {
        SecretBuffer request(limits::kLineMessageBytes);
        EXPECT_TRUE(request.append(kRequest));
        const SecretBuffer reply = client.exchange(request).value();
        std::size_t consumed = 0;
        const auto message = line::LineMessage::parse(reply.reveal(), false, consumed).value();
        return std::string(message.value().get(key));
    }
    void put_key(mode_t mode, const std::string& content = "sealed") {
        const std::string folder = directory_.file("etc/patd");
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/master-key.cred") << content;
        EXPECT_EQ(chmod((folder + "/master-key.cred").c_str(), mode), 0);
    }
    std::string why(bool has_config_faults = false) const {
        return std::string(why_not_started(has_config_faults, directory_.path()));
    }

    support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("socket");
    const UniqueFd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
};

TEST_F(RefusalTest, AnswersEverybodyWhoWaitsAndNobodyElse) {
    turn_away(listener_.get(), "nobody is here", milliseconds(0));
    line::LineClient first = client();
    line::LineClient second = client();
    turn_away(listener_.get(), "the reason", milliseconds(0));
    EXPECT_EQ(ask(first, "error"), "Unavailable");
    EXPECT_EQ(ask(second, "text"), "the reason");
}

// Row D5: who connects again and again does not start patd each time.
TEST_F(RefusalTest, AnswersWhoComesWhileItLasts) {
    std::thread refusing(
        [this] { turn_away(listener_.get(), "the reason", std::chrono::hours(1)); });
    for (int count = 0; count < 3; ++count) {
        line::LineClient next = client();
        EXPECT_EQ(ask(next, "text"), "the reason");
    }
    // Ends it.
    EXPECT_EQ(shutdown(listener_.get(), SHUT_RDWR), 0);
    refusing.join();
}

TEST_F(RefusalTest, NamesTheCauseThatCanBeSeen) {
    put_key(0600);
    EXPECT_NE(why(true).find("'sudo patctl admin check-config'"), std::string::npos);
    EXPECT_EQ(why(), "patd cannot start; 'sudo patctl doctor' says why");
    for (const mode_t mode : {0644U, 0640U, 0604U}) {
        put_key(mode);
        EXPECT_NE(why().find("master key"), std::string::npos) << mode;
    }
    put_key(0600, "");
    EXPECT_NE(why().find("master key"), std::string::npos) << "empty";
    std::filesystem::remove_all(directory_.file("etc"));
    EXPECT_NE(why().find("master key"), std::string::npos) << "missing";
    EXPECT_NE(why_not_started_for_user(true).find("--session admin check-config"),
              std::string::npos);
    EXPECT_NE(why_not_started_for_user(false).find("--session doctor"), std::string::npos);
}

}  // namespace
}  // namespace patd
