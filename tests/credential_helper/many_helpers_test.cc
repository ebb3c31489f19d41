// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The real helper many times at once, as a build asks that clones everything, and the daemon's own
// line socket. Whoever waits less than the helper's patience (kClientDeadline) is served.
#include "daemon/line/line_server.h"
#include "tests/support/line_services.h"
#include "tests/support/process.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"

#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

namespace patd {
namespace {

constexpr Uid kMe{0};  // who runs the tests
constexpr char kInput[] = "protocol=https\nhost=git.example\n\n";
constexpr char kAnswer[] = "username=alice\npassword=s3cret\n\n";
// A sanitized program takes so long to start that more of them would use up their patience.
constexpr std::size_t kMany = PATD_HELPER_IS_STATIC ? 200 : 40;
constexpr std::size_t kLate = PATD_HELPER_IS_STATIC ? 40 : 10;

// One that was started, and waits for its input.
class Helper {
  public:
    explicit Helper(const std::string& directory) : output_(support::detail::memory_file()) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("pipe2");
        const UniqueFd reading(ends[0]);
        input_.reset(ends[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
        posix_spawn_file_actions_adddup2(&actions, reading.get(), 0);
        posix_spawn_file_actions_adddup2(&actions, output_.get(), 1);
        posix_spawn_file_actions_adddup2(&actions, output_.get(), 2);
        const std::vector<std::string> words = {PATD_TEST_HELPER, "get"};
        char* no_environment = nullptr;
        const int error = posix_spawn(&pid_, PATD_TEST_HELPER, &actions, nullptr,
                                      support::detail::pointers(words).data(), &no_environment);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw std::runtime_error("cannot start the helper");
    }

    void give_input() {
        EXPECT_EQ(write(input_.get(), kInput, sizeof kInput - 1),
                  static_cast<ssize_t>(sizeof kInput - 1));
        input_.reset();
    }
    bool has_ended() {
        int status = 0;
        if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_)
            ended_ = true;
        return ended_;
    }
    std::string said() const { return support::detail::contents(output_); }

  private:
    UniqueFd output_;
    UniqueFd input_;
    pid_t pid_ = -1;
    bool ended_ = false;
};

class ManyHelpers : public support::ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_, StepUpSockets{step_up_.path(), home_.file("enroll.sock")});
        server_ = LineServer::create({*loop_, line_->verbs, clock_, turns_},
                                     listen_at(home_.file("socket")).value())
                      .value();
        import(kMe, "s3cret", {.username = "alice"});
    }
    void TearDown() override { server_.reset(); }

    std::vector<Helper> start(std::size_t count) {
        std::vector<Helper> helpers;
        for (std::size_t i = 0; i < count; ++i)
            helpers.emplace_back(home_.path());
        return helpers;
    }
    void wait_for(std::vector<Helper>& helpers) {
        const auto all = [&] {
            return std::all_of(helpers.begin(), helpers.end(),
                               [](Helper& helper) { return helper.has_ended(); });
        };
        EXPECT_TRUE(support::turn_until(*loop_, all));
    }
    static std::size_t served(const std::vector<Helper>& helpers) {
        return static_cast<std::size_t>(
            std::count_if(helpers.begin(), helpers.end(),
                          [](const Helper& helper) { return helper.said() == kAnswer; }));
    }

    support::TemporaryDirectory home_;
    support::ScriptedStepUp step_up_{*loop_, home_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    std::unique_ptr<LineServer> server_;
};

TEST_F(ManyHelpers, TwoHundredAtOnceAreAllServed) {
    std::vector<Helper> helpers = start(kMany);
    for (Helper& helper : helpers)
        helper.give_input();
    wait_for(helpers);
    EXPECT_EQ(served(helpers), kMany);
}

// Their connections were silent for too long, and are closed; others came meanwhile.
TEST_F(ManyHelpers, ThoseWhoseInputComesLateAreServedBesideTheOthers) {
    std::vector<Helper> late = start(kLate);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return server_->connection_count() == kLate; }));
    clock_.advance(std::chrono::ceil<std::chrono::seconds>(limits::kLineIdle) +
                   std::chrono::seconds(1));
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return server_->connection_count() == 0; }));
    std::vector<Helper> others = start(kMany);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return server_->connection_count() == kMany; }));
    for (std::size_t i = 0; i < kMany; ++i) {
        others[i].give_input();
        if (i < kLate)
            late[i].give_input();
    }
    wait_for(others);
    wait_for(late);
    EXPECT_EQ(served(others), kMany);
    EXPECT_EQ(served(late), kLate);
}

// More than a user may have connections: who is silent gives way, and asks again with its input.
TEST_F(ManyHelpers, MoreThanOneUserMayHaveConnectionsAreServedInTurn) {
    server_->set_limits({kMany, kMany / 4, kMany / 4});
    std::size_t gone = 0;
    server_->on_refused([&](Uid) { ++gone; });
    std::vector<Helper> helpers = start(kMany);
    ASSERT_TRUE(support::turn_until(*loop_, [&] { return gone == kMany - kMany / 4; }));
    for (Helper& helper : helpers)
        helper.give_input();
    wait_for(helpers);
    EXPECT_EQ(served(helpers), kMany);
}

}  // namespace
}  // namespace patd
