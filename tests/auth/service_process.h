// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/password/password_store.h"
#include "common/step_up/frame_stream.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

// patd-auth or patd-enroll as systemd starts it: a process with a connected socket as its standard
// input and output; and the client at the other end.
class ServiceProcess {
  public:
    static constexpr std::chrono::milliseconds kEnough{60'000};

    // `client`: the uid that the connection is made as.
    explicit ServiceProcess(std::vector<std::string> arguments, uid_t client = 0) {
        int ends[2];
        if (seteuid(client) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
            seteuid(0) != 0)
            throw std::runtime_error("socketpair");
        near_.reset(ends[0]);
        const UniqueFd far(ends[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, far.get(), 0);
        posix_spawn_file_actions_adddup2(&actions, far.get(), 1);
        std::vector<char*> pointers;
        for (std::string& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        // LeakSanitizer cannot trace a process that has dropped its privileges.
        char options[] = "ASAN_OPTIONS=detect_leaks=0";
        char* environment[] = {options, nullptr};
        const int error =
            posix_spawn(&process_, pointers[0], &actions, nullptr, pointers.data(), environment);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start " + arguments[0]);
    }
    ~ServiceProcess() {
        if (process_ > 0)
            finish();
    }
    ServiceProcess(const ServiceProcess&) = delete;
    ServiceProcess& operator=(const ServiceProcess&) = delete;

    // Hangs up, waits for the end, returns the exit status (-1: a signal).
    int finish() {
        near_.reset();
        int status = 0;
        waitpid(process_, &status, 0);
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    void send(step_up::FrameKind kind, std::string_view payload) {
        EXPECT_TRUE(stream().send(kind, payload));
    }
    void send_raw(std::string_view bytes) {
        EXPECT_EQ(write(near_.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }
    // The next frame as its kind letter and its text, "S:Password: "; "end" if it hung up.
    std::string next() {
        const auto frame = stream().receive();
        if (!frame)
            return "end";
        return static_cast<char>(frame->kind) + std::string(":") + std::string(frame->text());
    }
    // Begins, gives each prompt the next answer, and returns the last frame.
    std::string converse(const std::string& begin, const std::vector<std::string>& answers) {
        send(step_up::FrameKind::Begin, begin);
        std::size_t used = 0;
        while (true) {
            std::string frame = next();
            seen.push_back(frame);
            if (frame[0] != 'S' && frame[0] != 'V' && frame[0] != 'I' && frame[0] != 'E')
                return frame;
            if (frame[0] != 'S' && frame[0] != 'V')
                continue;
            if (used == answers.size())
                return "asked for more: " + frame;
            send(step_up::FrameKind::Answer, answers[used++]);
        }
    }
    pid_t id() const { return process_; }

    std::vector<std::string> seen;  // every frame of converse()

  private:
    step_up::FrameStream& stream() {
        if (!stream_)
            stream_.emplace(near_.get(), kEnough);
        return *stream_;
    }

    UniqueFd near_;
    std::optional<step_up::FrameStream> stream_;
    pid_t process_ = -1;
};

// A state directory, a PAM configuration directory, and the password of the account "daemon".
class ServiceTest : public testing::Test {
  protected:
    static constexpr char kAuthUser[] = "nobody";
    static constexpr uid_t kAuthUid = 65534;

    ServiceTest() {
        using std::filesystem::perms;
        std::filesystem::permissions(directory_.path(), perms(0711));
        std::filesystem::create_directory(state());
        std::filesystem::permissions(state(), perms::owner_all);
        std::filesystem::create_directory(confdir());
        write_stack("patd", "auth required " + module(state()) + "\naccount required " +
                                module(state()) + "\npassword required " + module(state()));
    }

    std::string state() const { return directory_.file("state"); }
    std::string confdir() const { return directory_.file("pam.d"); }
    static std::string module(const std::string& state) {
        return std::string(PATD_MODULE) + " password backend=file cost=1 state_directory=" + state;
    }
    void write_stack(const std::string& service, const std::string& stack) const {
        std::ofstream(confdir() + "/" + service) << stack << "\n";
    }
    std::vector<std::string> command(const std::string& program) const {
        return {program,   "--state-dir", state(),  "--pam-confdir",
                confdir(), "--auth-user", kAuthUser};
    }
    static std::string begin(const std::string& op, int caller = 1000) {
        return "op=" + op + "\ncaller=" + std::to_string(caller) + "\nuid=1\nuser=daemon\n";
    }

    static password::PasswordStore store_in(const std::string& directory) {
        return password::PasswordStore::open({directory, 1}).value();
    }
    void set_password(const std::string& directory, const std::string& text) const {
        ASSERT_TRUE(store_in(directory).set(daemon_, ServicePassword(SecretBuffer::copy_of(text)),
                                            password::Existing::Replace));
    }
    bool accepts(const std::string& text) const {
        return store_in(state())
            .check(daemon_, ServicePassword(SecretBuffer::copy_of(text)))
            .has_value();
    }
    bool has_password() const { return store_in(state()).has_password(daemon_).value(); }

    TemporaryDirectory directory_;
    const password::Account daemon_ = password::find_account("daemon").value();
};

}  // namespace patd::support
