// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
//
// Attacks the line socket of the patd on this machine, as the user who runs it.
#include "common/base/limits.h"
#include "common/base/names.h"
#include "common/base/unique_fd.h"
#include "tests/hostile/fuzz_run.h"
#include "tests/hostile/line_messages.h"
#include "tests/hostile/odd_descriptors.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace patd::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Within which whatever is whole has its reply, after the one before. It may stand behind this
// user's own silent connections, which patd closes after kLineIdle, and behind checks of passwords.
constexpr milliseconds kReplyDeadline = limits::kLineIdle + std::chrono::seconds(20);
constexpr std::size_t kOpenMax = limits::kLineServedPerUser + 8;  // so that some have to wait
constexpr char kCapability[] = "patd=1\nop=capability\n\n";

class LineConnection {
  public:
    explicit LineConnection(int receive_bytes = 0)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_bytes > 0)
            (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                               sizeof receive_bytes);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, names::kLineSocket, sizeof names::kLineSocket);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0)
            throw std::runtime_error("connect");
    }

    int fd() const { return socket_.get(); }
    // Writes what the other end accepts at once, in pieces of at most `piece` bytes; reads its
    // output meanwhile, so that neither waits for the other.
    void send(std::string_view text, std::size_t piece = std::string_view::npos) {
        auto end = steady_clock::now() + kReplyDeadline;
        while (!text.empty() && !over_ && steady_clock::now() < end) {
            const ssize_t sent = ::send(fd(), text.data(), std::min(piece, text.size()),
                                        MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent > 0) {
                text.remove_prefix(static_cast<std::size_t>(sent));
                end = steady_clock::now() + kReplyDeadline;
            } else if (errno != EAGAIN) {
                over_ = true;
            } else {
                wait(POLLIN | POLLOUT, end);
            }
        }
    }
    void send_no_more() { (void)::shutdown(fd(), SHUT_WR); }
    // Reads until that many replies have come, or nothing more comes. False: time is up.
    bool receive(std::size_t replies) {
        auto end = steady_clock::now() + kReplyDeadline;
        std::size_t seen = judge_replies(received_).whole;
        while (!ended_ && seen < replies) {
            if (!wait(POLLIN, end))
                return false;
            // Of hundreds that change the store each has a sync of its own.
            if (const std::size_t whole = judge_replies(received_).whole; whole > seen) {
                seen = whole;
                end = steady_clock::now() + kReplyDeadline;
            }
        }
        return true;
    }
    void take_some() { (void)take(); }
    const std::string& received() const { return received_; }

  private:
    bool wait(int events, steady_clock::time_point end) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
        pollfd entry{fd(), static_cast<short>(events), 0};
        if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0)
            return false;
        if ((entry.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            take();
        return true;
    }
    bool take() {
        std::array<char, 65536> bytes{};
        const ssize_t got = ::recv(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0)
            received_.append(bytes.data(), static_cast<std::size_t>(got));
        ended_ = ended_ || got == 0 || (got < 0 && errno != EAGAIN);
        over_ = over_ || ended_;
        return got > 0;
    }

    UniqueFd socket_;
    std::string received_;
    bool over_ = false;   // nothing more can be sent
    bool ended_ = false;  // nothing more comes
};

class LineFuzzer {
  public:
    explicit LineFuzzer(FuzzRun& run) : run_(run) {}

    void round();

  private:
    using Action = void (LineFuzzer::*)();

    void ask_well();
    void ask_damaged();
    void say_anything();
    void trickle();
    void pipeline();
    void read_slowly();
    void keep_silent();
    void leave();
    void send_descriptors();
    void come_and_go();
    void touch_open_connection();
    void must_answer(std::string_view text, std::size_t requests);
    void judge(const LineConnection& connection, std::size_t most);
    void hold(LineConnection connection);
    static std::size_t requests_in(std::string_view text);

    FuzzRun& run_;
    Chance& chance_ = run_.chance();
    Texts texts_{chance_, run_.options().words};
    LineMessages messages_{chance_, texts_, run_.options().password};
    OddDescriptors descriptors_{chance_};
    std::vector<LineConnection> open_;
};

// Upper bound of the replies: one for each blank line, and one for what is damaged.
std::size_t LineFuzzer::requests_in(std::string_view text) {
    std::size_t count = 1;
    for (std::size_t at = text.find("\n\n"); at != std::string_view::npos;
         at = text.find("\n\n", at + 1))
        ++count;
    return count + (text.starts_with("\n") ? 1 : 0);
}

void LineFuzzer::judge(const LineConnection& connection, std::size_t most) {
    const LineReplies replies = judge_replies(connection.received());
    if (replies.fault)
        run_.fault(*replies.fault);
    if (replies.whole > most)
        run_.fault(std::to_string(replies.whole) + " replies to " + std::to_string(most) +
                   " requests");
    if (replies.cut)
        run_.fault("a reply was cut off");
}

// Correct requests are answered, each once, as long as this user does not hold all the connections
// that a user may have.
void LineFuzzer::must_answer(std::string_view text, std::size_t requests) {
    // Until patd has seen that older connections are closed.
    for (const auto end = steady_clock::now() + kReplyDeadline; steady_clock::now() < end;) {
        LineConnection connection;
        connection.send(text);
        if (!connection.receive(requests))
            return run_.fault("no reply in time to one of " + std::to_string(requests) +
                              " requests like " + std::string(text.substr(0, 60)));
        if (connection.received().empty())
            continue;
        judge(connection, requests);
        messages_.learn(connection.received());
        const std::size_t whole = judge_replies(connection.received()).whole;
        if (whole < requests)
            run_.fault(std::to_string(whole) + " replies to " + std::to_string(requests) +
                       " requests like " + std::string(text.substr(0, 60)));
        for (std::size_t n = 0; n < whole; ++n)
            run_.count();
        return;
    }
    run_.fault("refused again and again, with no connection open");
}

void LineFuzzer::ask_well() {
    open_.clear();
    must_answer(chance_.one_in(4) ? kCapability : messages_.good(), 1);
}

void LineFuzzer::pipeline() {
    open_.clear();
    std::string all;
    const std::size_t requests =
        chance_.one_in(8) ? chance_.between(100, 400) : chance_.between(2, 20);
    const std::string again = chance_.one_in(2) ? messages_.good() : "";
    const bool checks = again.find("op=check") != std::string::npos;
    for (std::size_t i = 0; i < requests; ++i)
        all += again.empty() || checks ? kCapability : again;
    must_answer(all, requests);
}

void LineFuzzer::ask_damaged() {
    const std::string text = messages_.damaged();
    LineConnection connection;
    run_.count();
    connection.send(
        text, chance_.one_in(4) ? chance_.between(1, 1 + text.size() / 2) : std::string::npos);
    if (chance_.one_in(4))
        return hold(std::move(connection));
    // Otherwise patd waits for the rest of what was cut off.
    connection.send_no_more();
    if (!connection.receive(std::string::npos))
        return run_.fault("not closed after the end");
    judge(connection, requests_in(text));
}

void LineFuzzer::say_anything() {
    const std::string text = messages_.bytes();
    LineConnection connection;
    run_.count();
    connection.send(text);
    connection.send_no_more();
    if (!connection.receive(std::string::npos))
        return run_.fault("not closed after the end");
    judge(connection, requests_in(text));
}

void LineFuzzer::trickle() {
    const std::string text = messages_.good();
    LineConnection connection;
    run_.count();
    connection.send(text, 1);
    if (!connection.receive(1))
        return run_.fault("no reply in time to what came byte by byte");
    judge(connection, 1);
}

void LineFuzzer::read_slowly() {
    LineConnection connection(static_cast<int>(chance_.between(1, 4096)));
    std::string all;
    for (std::size_t i = chance_.between(10, 300); i > 0; --i)
        all += messages_.good();
    run_.count();
    // What does not fit stays unsent: the point is the replies that nobody reads.
    (void)::send(connection.fd(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    hold(std::move(connection));
}

void LineFuzzer::keep_silent() {
    for (std::size_t i = chance_.between(1, kOpenMax); i > 0; --i) {
        LineConnection connection;
        run_.count();
        const std::string text = chance_.one_in(2) ? "" : messages_.good();
        connection.send(std::string_view(text).substr(0, chance_.below(text.size() + 1)));
        hold(std::move(connection));
    }
}

void LineFuzzer::hold(LineConnection connection) {
    if (open_.size() >= kOpenMax)
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(chance_.below(open_.size())));
    open_.push_back(std::move(connection));
}

// Says or reads something more on connections with half a request.
void LineFuzzer::touch_open_connection() {
    if (open_.empty())
        return come_and_go();
    LineConnection& connection = open_[chance_.below(open_.size())];
    run_.count();
    const std::string text = chance_.one_in(2) ? "\n\n" : messages_.damaged();
    (void)::send(connection.fd(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    connection.take_some();
    if (chance_.one_in(4))
        connection.send_no_more();
}

void LineFuzzer::leave() {
    LineConnection connection;
    run_.count();
    connection.send(chance_.one_in(2) ? messages_.good() : messages_.damaged());
    if (chance_.one_in(2))
        (void)::shutdown(connection.fd(), SHUT_RDWR);
}

// Descriptors and urgent data, which nobody asked for.
void LineFuzzer::send_descriptors() {
    constexpr std::size_t kDescriptors = 16;
    LineConnection connection;
    std::string text = messages_.good();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kDescriptors)> control{};
    const std::size_t count = chance_.between(1, kDescriptors);
    iovec bytes{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::vector<int> numbers(count);
    for (int& number : numbers)
        number = descriptors_.any();
    std::memcpy(CMSG_DATA(rights), numbers.data(), sizeof(int) * count);
    run_.count();
    const ssize_t sent = ::sendmsg(connection.fd(), &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < static_cast<ssize_t>(text.size()))
        return;
    (void)::send(connection.fd(), "x", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!connection.receive(1))
        return run_.fault("no reply in time to what came with descriptors");
}

void LineFuzzer::come_and_go() {
    for (std::size_t i = chance_.between(1, 64); i > 0; --i) {
        const LineConnection connection;
        run_.count();
    }
}

void LineFuzzer::round() {
    static constexpr std::array<Action, 20> kActions = {&LineFuzzer::ask_well,
                                                        &LineFuzzer::ask_well,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::ask_damaged,
                                                        &LineFuzzer::say_anything,
                                                        &LineFuzzer::trickle,
                                                        &LineFuzzer::pipeline,
                                                        &LineFuzzer::read_slowly,
                                                        &LineFuzzer::keep_silent,
                                                        &LineFuzzer::leave,
                                                        &LineFuzzer::leave,
                                                        &LineFuzzer::leave,
                                                        &LineFuzzer::send_descriptors,
                                                        &LineFuzzer::come_and_go,
                                                        &LineFuzzer::touch_open_connection,
                                                        &LineFuzzer::touch_open_connection};
    (this->*chance_.pick(kActions))();
}

int run(int argc, char** argv) {
    FuzzRun fuzz("line_fuzzer", argc, argv);
    LineFuzzer fuzzer(fuzz);
    return fuzz.go([&] { fuzzer.round(); });
}

}  // namespace
}  // namespace patd::hostile

int main(int argc, char** argv) {
    return patd::hostile::guarded([&] { return patd::hostile::run(argc, argv); });
}
