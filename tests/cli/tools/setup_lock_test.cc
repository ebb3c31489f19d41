// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/setup_lock.h"

#include "tests/cli/tools/tool_home.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace patd::cli::tools {
namespace {

constexpr int kSetupsAtOnce = 6;

class SetupLock : public ToolHome {
  protected:
    // A process that does so; it must end with success.
    template <typename Work>
    pid_t start(const Work& work) {
        const pid_t pid = fork();
        if (pid == 0)
            _exit(work() ? 0 : 1);
        return pid;
    }
    static int status_of(pid_t pid) {
        int status = -1;
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        return status;
    }
    std::filesystem::path folder() const { return home_ / "state" / "patd"; }
};

TEST_F(SetupLock, LosesNothingOfSetupsThatRunAtOnce) {
    write(".docker/config.json", "{\n  \"detachKeys\": \"ctrl-e\"\n}\n");
    std::array<int, 2> go{};
    ASSERT_EQ(pipe(go.data()), 0);
    std::vector<pid_t> started;
    for (int i = 0; i < kSetupsAtOnce; ++i)
        started.push_back(start([&] {
            char byte = 0;
            close(go[1]);
            (void)!::read(go[0], &byte, 1);  // all begin when the last one is there
            const std::string host = "host" + std::to_string(i) + ".example";
            return patctl({}, {"setup", "docker", host}).code == ExitCode::Success;
        }));
    close(go[0]);
    close(go[1]);
    for (const pid_t pid : started)
        EXPECT_EQ(status_of(pid), 0);
    const std::string text = read(".docker/config.json");
    const std::string record = read(".local/state/patd/setup.json");
    for (int i = 0; i < kSetupsAtOnce; ++i) {
        const std::string host = "host" + std::to_string(i) + ".example";
        EXPECT_NE(text.find(host), std::string::npos) << text;
        EXPECT_NE(record.find(host), std::string::npos) << record;
    }
}

TEST_F(SetupLock, SaysWhoIsInTheWayAndWhatToDo) {
    std::array<int, 2> held{};
    std::array<int, 2> done{};
    ASSERT_EQ(pipe(held.data()), 0);
    ASSERT_EQ(pipe(done.data()), 0);
    const pid_t other = start([&] {
        char byte = 0;
        close(done[1]);
        const Result<UniqueFd> lock = lock_setup(folder());
        return lock && ::write(held[1], "x", 1) == 1 && ::read(done[0], &byte, 1) == 0;
    });
    close(done[0]);
    char byte = 0;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    const Result<UniqueFd> lock = lock_setup(folder(), std::chrono::milliseconds(1));
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::Busy);
    EXPECT_NE(lock.error().context.find("another 'patctl setup'"), std::string::npos);
    EXPECT_NE(lock.error().context.find("\n    fuser -v '" + folder().string() + "/setup.lock'"),
              std::string::npos)
        << lock.error().context;
    close(done[1]);
    EXPECT_EQ(status_of(other), 0);
    close(held[0]);
    close(held[1]);
    EXPECT_TRUE(lock_setup(folder(), std::chrono::milliseconds(1)));
}

TEST_F(SetupLock, IsNotInTheWayOfADryRun) {
    const Result<UniqueFd> lock = lock_setup(home_ / ".local/state/patd");
    ASSERT_TRUE(lock);
    EXPECT_EQ(patctl({}, {"setup", "docker", "a.example", "--dry-run"}).code, ExitCode::Success);
}

// A user's own patd holds it as long as it runs.
TEST_F(SetupLock, IsNotInTheWayOfWhoHoldsTheFolder) {
    std::filesystem::create_directories(folder());
    const UniqueFd service(open(folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(flock(service.get(), LOCK_EX | LOCK_NB), 0);
    EXPECT_TRUE(lock_setup(folder(), std::chrono::milliseconds(1)));
}

TEST_F(SetupLock, RefusesWhatIsNoFolder) {
    write("state", "a file");
    const Result<UniqueFd> lock = lock_setup(folder());
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::BadFile);
}

}  // namespace
}  // namespace patd::cli::tools
