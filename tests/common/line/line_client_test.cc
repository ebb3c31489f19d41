// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/line_client.h"

#include "common/line/line_message.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

namespace patd::line {
namespace {

using std::chrono::milliseconds;
using support::ScriptedLineServer;
using support::TemporaryDirectory;

constexpr std::string_view kRequest = "patd=1\nop=capability\n\n";
constexpr milliseconds kShort{50};

std::string text_of(const SecretBuffer& buffer) {
    return {buffer.reveal().data(), buffer.size()};
}

// The reply, or the name of the error.
std::string exchange(const std::string& path, milliseconds deadline = limits::kClientDeadline) {
    Result<LineClient> client = LineClient::connect(path.c_str(), deadline);
    if (!client)
        return std::string(errc_name(client.error().code));
    const Result<SecretBuffer> reply = client->exchange(SecretBuffer::copy_of(kRequest));
    return reply ? text_of(*reply) : std::string(errc_name(reply.error().code));
}

std::string exchange_with(ScriptedLineServer::Script script,
                          milliseconds deadline = limits::kClientDeadline) {
    const TemporaryDirectory directory;
    const ScriptedLineServer server(directory.file("socket"), std::move(script));
    return exchange(directory.file("socket"), deadline);
}

TEST(LineClient, SendsTheRequestAndGivesTheReply) {
    const TemporaryDirectory directory;
    const ScriptedLineServer server(directory.file("socket"),
                                    ScriptedLineServer::reply("version=0\n\n"));
    EXPECT_EQ(exchange(directory.file("socket")), "version=0\n\n");
    EXPECT_EQ(server.requests(), std::vector<std::string>{std::string(kRequest)});
}

TEST(LineClient, GivesAnEmptyReply) {
    EXPECT_EQ(exchange_with(ScriptedLineServer::reply("\n")), "\n");
}

TEST(LineClient, PutsAReplyTogetherThatComesByteByByte) {
    EXPECT_EQ(exchange_with([](int connection) {
                  for (const char byte : std::string("username=alice\n\n"))
                      (void)::send(connection, &byte, 1, MSG_NOSIGNAL);
              }),
              "username=alice\n\n");
}

TEST(LineClient, CarriesSeveralExchangesOnOneConnection) {
    const TemporaryDirectory directory;
    const ScriptedLineServer server(directory.file("socket"), [](int connection) {
        ScriptedLineServer::reply("n=1\n\n")(connection);
        char bytes[64];
        (void)::recv(connection, bytes, sizeof(bytes), 0);
        ScriptedLineServer::reply("n=2\n\n")(connection);
    });
    Result<LineClient> client = LineClient::connect(directory.file("socket").c_str());
    ASSERT_TRUE(client);
    const SecretBuffer request = SecretBuffer::copy_of(kRequest);
    EXPECT_EQ(text_of(*client->exchange(request)), "n=1\n\n");
    EXPECT_EQ(text_of(*client->exchange(request)), "n=2\n\n");
}

TEST(LineClient, ReadsTheReplyIntoTheBufferOfTheRequestWhenAsked) {
    const TemporaryDirectory directory;
    const ScriptedLineServer server(directory.file("socket"),
                                    ScriptedLineServer::reply("version=0\n\n"));
    Result<LineClient> client = LineClient::connect(directory.file("socket").c_str());
    ASSERT_TRUE(client);
    SecretBuffer buffer(limits::kLineReplyBytes);
    ASSERT_TRUE(buffer.append(kRequest));
    ASSERT_TRUE(client->exchange_in_place(buffer));
    EXPECT_EQ(text_of(buffer), "version=0\n\n");
    EXPECT_EQ(server.requests(), std::vector<std::string>{std::string(kRequest)});

    SecretBuffer small = SecretBuffer::copy_of(kRequest);
    EXPECT_EQ(client->exchange_in_place(small).error().code, Errc::Internal);
}

TEST(LineClient, SaysUnavailableWhenNobodyListens) {
    const TemporaryDirectory directory;
    EXPECT_EQ(exchange(directory.file("socket")), "Unavailable");
    // A socket left behind by a process that died.
    ScriptedLineServer::listen_at(directory.file("socket")).reset();
    EXPECT_EQ(exchange(directory.file("socket")), "Unavailable");
}

TEST(LineClient, ConnectsToTheFirstThatListens) {
    const TemporaryDirectory directory;
    const std::string first = directory.file("first");
    const std::string second = directory.file("second");
    const std::array<const char*, 2> paths{first.c_str(), second.c_str()};
    std::size_t found = 7;
    EXPECT_EQ(LineClient::connect_to_first(paths, found).error().code, Errc::Unavailable);
    const ScriptedLineServer later(second, ScriptedLineServer::reply("n=2\n\n"));
    for (const bool is_left_behind : {false, true}) {
        if (is_left_behind)
            ScriptedLineServer::listen_at(first).reset();
        Result<LineClient> client = LineClient::connect_to_first(paths, found);
        ASSERT_TRUE(client);
        EXPECT_EQ(found, 1U);
        EXPECT_EQ(text_of(*client->exchange(SecretBuffer::copy_of(kRequest))), "n=2\n\n");
    }
    std::filesystem::remove(first);
    const ScriptedLineServer earlier(first, ScriptedLineServer::reply("n=1\n\n"));
    ASSERT_TRUE(LineClient::connect_to_first(paths, found));
    EXPECT_EQ(found, 0U);
}

TEST(LineClient, SaysUnavailableForAPathThatNoSocketCanHave) {
    EXPECT_EQ(exchange(""), "Unavailable");
    EXPECT_EQ(exchange("/" + std::string(200, 'x')), "Unavailable");
}

// A daemon that is full closes the connection; it may have room a moment later.
TEST(LineClient, AsksAgainWhenTheConnectionIsClosedWithoutAReply) {
    const TemporaryDirectory directory;
    int connections = 0;
    const ScriptedLineServer server(directory.file("socket"), [&](int connection) {
        if (++connections == 4)
            ScriptedLineServer::reply("n=4\n\n")(connection);
    });
    EXPECT_EQ(exchange(directory.file("socket")), "n=4\n\n");
    EXPECT_EQ(server.requests(), std::vector<std::string>(4, std::string(kRequest)));
}

TEST(LineClient, DoesNotAskAgainOnceThereWasAnAnswer) {
    const TemporaryDirectory directory;
    const ScriptedLineServer server(directory.file("socket"), ScriptedLineServer::reply("half=1"));
    EXPECT_EQ(exchange(directory.file("socket")), "Unavailable");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(LineClient, SaysUnavailableWhenTheConnectionIsClosedWithoutAReply) {
    EXPECT_EQ(exchange_with([](int) {}, kShort), "Unavailable");
    EXPECT_EQ(exchange_with(ScriptedLineServer::reply("username=alice\n")), "Unavailable");
}

TEST(LineClient, SaysUnavailableWhenTheReplyDoesNotComeInTime) {
    EXPECT_EQ(exchange_with(ScriptedLineServer::silence(), kShort), "Unavailable");
}

// Row P19.
TEST(LineClient, CountsAReplyThatDribblesAgainstTheWholeDeadline) {
    EXPECT_EQ(exchange_with(
                  [](int connection) {
                      // One byte every few milliseconds, until the client gives up.
                      pollfd gone{connection, POLLRDHUP, 0};
                      do {
                          (void)::send(connection, "x", 1, MSG_NOSIGNAL);
                      } while (::poll(&gone, 1, 5) == 0);
                  },
                  kShort),
              "Unavailable");
}

// Row P19.
TEST(LineClient, DoesNotWaitForEverInAFullBacklog) {
    const TemporaryDirectory directory;
    const UniqueFd listener = ScriptedLineServer::listen_at(directory.file("socket"));
    std::vector<UniqueFd> waiting;
    for (int i = 0; i < 64; ++i) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        directory.file("socket").copy(address.sun_path, sizeof(address.sun_path) - 1);
        waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)::connect(waiting.back().get(), reinterpret_cast<const sockaddr*>(&address),
                        sizeof(address));
    }
    EXPECT_EQ(exchange(directory.file("socket"), kShort), "Unavailable");
}

TEST(LineClient, RefusesAReplyThatBreaksTheFormat) {
    for (const char* reply : {"username\n\n", "=x\n\n", "a=1\na=2\n\n", "a=\r\n\n",
                              "a=1\n\nb=2\n\n", "\x7f", "a=1\tb\n\n"})
        EXPECT_EQ(exchange_with(ScriptedLineServer::reply(reply)), "MalformedRequest") << reply;
}

TEST(LineClient, RefusesAReplyOverTheLimit) {
    const std::string fits = "a=" + std::string(limits::kLineReplyBytes - 5, 'x') + "\n\n";
    EXPECT_EQ(exchange_with(ScriptedLineServer::reply(fits)), fits);
    const std::string too_long = "a=" + std::string(limits::kLineReplyBytes, 'x') + "\n\n";
    EXPECT_EQ(exchange_with(ScriptedLineServer::reply(too_long)), "MalformedRequest");
}

// A daemon that refuses an overlong request answers before it has read it all.
TEST(LineClient, ReadsAReplyThatComesBeforeTheRequestIsWritten) {
    const TemporaryDirectory directory;
    const UniqueFd listener = ScriptedLineServer::listen_at(directory.file("socket"));
    std::thread server([&listener] {
        const UniqueFd connection(::accept(listener.get(), nullptr, nullptr));
        char byte = 0;
        (void)::recv(connection.get(), &byte, 1, 0);
        ScriptedLineServer::reply("error=MalformedRequest\n\n")(connection.get());
    });
    Result<LineClient> client = LineClient::connect(directory.file("socket").c_str());
    ASSERT_TRUE(client);
    const std::string large(4U << 20U, 'x');
    const Result<SecretBuffer> reply = client->exchange(SecretBuffer::copy_of(large));
    server.join();
    ASSERT_TRUE(reply);
    EXPECT_EQ(text_of(*reply), "error=MalformedRequest\n\n");
}

// The peer's uid counts: another user's process may listen in a directory that lets it, but it gets
// nothing. Needs root, as the whole suite does.
class LineClientPeer : public testing::Test {
  protected:
    static constexpr uid_t kStranger = 65534;

    // Listens as `uid` in a separate process; returns once it does.
    void listen_as(uid_t uid) {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        child_ = ::fork();
        if (child_ == 0) {
            if (::setuid(uid) != 0)
                ::_exit(1);
            const UniqueFd listener = ScriptedLineServer::listen_at(socket_);
            (void)!::write(ready[1], "1", 1);
            const UniqueFd connection(::accept(listener.get(), nullptr, nullptr));
            char byte = 0;
            // The status says whether a byte of a request arrived.
            ::_exit(::recv(connection.get(), &byte, 1, 0) > 0 ? 2 : 0);
        }
        ::close(ready[1]);  // so that a failing child's end is noticed
        char byte = 0;
        ASSERT_EQ(::read(ready[0], &byte, 1), 1) << "cannot become uid " << uid << "; run as root";
        ::close(ready[0]);
    }
    int child_status() {
        int status = 0;
        ::waitpid(child_, &status, 0);
        return WEXITSTATUS(status);
    }

    TemporaryDirectory directory_;
    std::string socket_ = directory_.file("socket");
    pid_t child_ = -1;
};

// Row A12.
TEST_F(LineClientPeer, RefusesAPeerThatDoesNotOwnTheDirectoryAndSendsNothing) {
    listen_as(kStranger);
    EXPECT_EQ(exchange(socket_), "InsecurePeer");
    EXPECT_EQ(child_status(), 0);
}

// Row A12.
TEST_F(LineClientPeer, TriesTheNextPathWhenAStrangerListensAtTheFirst) {
    const TemporaryDirectory other;
    const std::string second = other.file("socket");
    const ScriptedLineServer server(second, ScriptedLineServer::reply("n=2\n\n"));
    listen_as(kStranger);
    const std::array<const char*, 2> paths{socket_.c_str(), second.c_str()};
    std::size_t found = 0;
    Result<LineClient> client = LineClient::connect_to_first(paths, found);
    ASSERT_TRUE(client);
    EXPECT_EQ(found, 1U);
    EXPECT_EQ(text_of(*client->exchange(SecretBuffer::copy_of(kRequest))), "n=2\n\n");
    EXPECT_EQ(child_status(), 0);
}

TEST_F(LineClientPeer, AcceptsTheOwnerOfTheDirectory) {
    ASSERT_EQ(::chown(directory_.path().c_str(), kStranger, static_cast<gid_t>(-1)), 0);
    listen_as(kStranger);
    EXPECT_EQ(exchange(socket_), "Unavailable");
    EXPECT_EQ(child_status(), 2);
}

TEST_F(LineClientPeer, AcceptsRootInADirectoryOfSomebodyElse) {
    ASSERT_EQ(::chown(directory_.path().c_str(), kStranger, static_cast<gid_t>(-1)), 0);
    listen_as(0);
    EXPECT_EQ(exchange(socket_), "Unavailable");
    EXPECT_EQ(child_status(), 2);
}

}  // namespace
}  // namespace patd::line
