// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_string.h"
#include "tests/pam_module/pam_fixture.h"
#include "tests/support/scripted_line_server.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

// A login's process lives as long as its session: what stays in its memory is there for anyone who
// gets hold of it, or of its core dump. Here each login is a separate process, which holds what was
// typed only in the one answer that it gives to the module.
namespace patd::pam {
namespace {

constexpr char kMask = 0x55;
const std::string kModule = PATD_TEST_MODULE;

std::string masked(std::span<const char> secret) {
    std::string text;
    for (const char c : secret)
        text.push_back(static_cast<char>(c ^ kMask));
    return text;
}

std::string new_masked_token() {
    SystemRandom random;
    const TokenId id = TokenId::generate(random).value();
    return masked(make_issued_secret(id, random).value().reveal());
}

// The answer, in memory that the module owns from then on.
int converse(int, const pam_message**, pam_response** responses, void* data) {
    const auto& typed = *static_cast<const std::string*>(data);
    auto* response = static_cast<pam_response*>(std::calloc(1, sizeof(pam_response)));
    response->resp = static_cast<char*>(std::calloc(typed.size() + 1, 1));
    for (std::size_t i = 0; i < typed.size(); ++i)
        response->resp[i] = static_cast<char>(typed[i] ^ kMask);
    *responses = response;
    return PAM_SUCCESS;
}

int count_between(const volatile char* begin, const char* end, const std::string& typed) {
    int found = 0;
    for (; begin + typed.size() <= end; ++begin) {
        std::size_t same = 0;
        while (same < typed.size() && static_cast<char>(begin[same] ^ kMask) == typed[same])
            ++same;
        found += same == typed.size() ? 1 : 0;
    }
    return found;
}

// How often what was typed appears in the writable memory of this process.
int count_copies(const std::string& typed) {
    std::ifstream maps("/proc/self/maps");
    int found = 0;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        std::string mode;
        fields >> std::hex >> begin;
        fields.ignore(1) >> end >> mode;
        if (mode.starts_with("rw"))
            found += count_between(reinterpret_cast<const char*>(begin),
                                   reinterpret_cast<const char*>(end), typed);
    }
    return found;
}

struct Login {
    std::string arguments;
    std::string typed;  // masked
    int expected;       // what pam_authenticate gives
    bool keep = false;  // the application keeps the answer: the search must notice
};

// In a separate process: logs in, keeps the handle open as a session does, and searches.
int copies_after(const Login& wanted) {
    const support::TemporaryDirectory directory;
    std::ofstream(directory.file("test"))
        << "auth required " << kModule << ' ' << wanted.arguments << '\n';
    const pid_t child = ::fork();
    if (child == 0) {
        std::string typed = wanted.typed;
        const pam_conv callback{&converse, &typed};
        pam_handle_t* handle = nullptr;
        pam_response* kept = nullptr;
        if (wanted.keep)
            converse(1, nullptr, &kept, &typed);
        if (pam_start_confdir("test", "alice", &callback, directory.path().c_str(), &handle) !=
                PAM_SUCCESS ||
            pam_authenticate(handle, 0) != wanted.expected)
            ::_exit(99);
        ::_exit(count_copies(typed));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// patd's part, in a separate process, because it holds the passwords in its requests.
class Patd {
  public:
    Patd(const std::string& path, std::string_view reply)
        : listener_(support::ScriptedLineServer::listen_at(path)), child_(::fork()) {
        if (child_ == 0)
            serve(reply);
        listener_ = UniqueFd();
    }
    ~Patd() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    Patd(const Patd&) = delete;
    Patd& operator=(const Patd&) = delete;

  private:
    [[noreturn]] void serve(std::string_view reply) const {
        while (true) {
            const UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
            char bytes[4096];
            std::string request;
            ssize_t got = 0;
            while (!request.ends_with("\n\n") &&
                   (got = ::recv(connection.get(), bytes, sizeof(bytes), 0)) > 0)
                request.append(bytes, static_cast<std::size_t>(got));
            (void)::send(connection.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
        }
    }

    UniqueFd listener_;
    pid_t child_;
};

const std::string kPassword = masked(std::string_view("a password of the tests own"));
const std::string kTokenMode = "token permission=vcs audience=https://git.example";

// Row P7.
TEST(LoginMemory, HoldsNoCopyOfWhatWasTyped) {
    const support::TemporaryDirectory directory;
    support::point_module_at(directory.file("yes"), 5000);
    const std::string token = new_masked_token();
    {
        const Patd patd(directory.file("yes"), "valid=1\nuser=alice\n\n");
        EXPECT_EQ(copies_after({"password", kPassword, PAM_SUCCESS}), 0);
        EXPECT_EQ(copies_after({kTokenMode, token, PAM_SUCCESS}), 0);
        EXPECT_EQ(copies_after({"password", kPassword, PAM_SUCCESS, true}), 1) << "it looks";
    }
    support::point_module_at(directory.file("no"), 5000);
    {
        const Patd patd(directory.file("no"), "error=WrongPassword\n\n");
        EXPECT_EQ(copies_after({"password", kPassword, PAM_AUTH_ERR}), 0);
        EXPECT_EQ(copies_after({kTokenMode, kPassword, PAM_AUTH_ERR}), 0) << "is not sent";
    }
    support::point_module_at(directory.file("nobody"), 5000);
    EXPECT_EQ(copies_after({"password", kPassword, PAM_AUTHINFO_UNAVAIL}), 0);
    EXPECT_EQ(copies_after({kTokenMode, token, PAM_AUTHINFO_UNAVAIL}), 0);
}

}  // namespace
}  // namespace patd::pam
