// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The private memory of an idle patd with 1,000 tokens on a separate bus, compared with an sd-bus
// service that does nothing, and what 10,000 one-shot gets leave behind.
#include "bench/connection.h"
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace patd::bench {
namespace {

constexpr std::size_t kTokens = 1000;
constexpr std::size_t kGets = 10'000;
// Owners are told that tokens expire for the first time a minute after the start.
constexpr std::chrono::seconds kStartIsOver{70};
using Clock = std::chrono::steady_clock;

// Private_Clean and Private_Dirty of smaps_rollup, in KiB: what the system gets back when it ends.
double private_kib(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    double sum = 0;
    std::string word;
    while (file >> word) {
        if (word == "Private_Clean:" || word == "Private_Dirty:") {
            double kib = 0;
            file >> kib;
            sum += kib;
        }
    }
    if (sum == 0)
        throw std::runtime_error("cannot read smaps_rollup; run as root");
    return sum;
}

// A program's own code that is not mapped now, because it has not run since patd was last at rest
// (daemon/context/idle_memory.h). private_kib() does not count it.
double unmapped_code_kib(pid_t pid) {
    const std::string directory = "/proc/" + std::to_string(pid);
    const std::string program = std::filesystem::read_symlink(directory + "/exe");
    std::ifstream file(directory + "/smaps");
    double sum = 0;
    bool own = false;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string first;
        std::string second;
        words >> first >> second;
        if (!first.ends_with(':'))
            own = second.find('w') == std::string::npos && line.ends_with(program);
        else if (own && first == "Size:")
            sum += std::stod(second);
        else if (own && first == "Rss:")
            sum -= std::stod(second);
    }
    return sum;
}

// private_kib() of a process at rest: patd writes last uses and the audit log up to a second later.
double idle_private_kib(pid_t pid) {
    double before = private_kib(pid);
    for (int calm = 0; calm < 3;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        const double now = private_kib(pid);
        calm = now == before ? calm + 1 : 0;
        before = now;
    }
    return before;
}

// How often the threads of a process have gone to sleep.
double sleeps_of(pid_t pid) {
    double count = 0;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        std::ifstream file(task.path() / "status");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("voluntary_ctxt_switches:"))
                count += std::stod(line.substr(line.find(':') + 1));
        }
    }
    if (count == 0)
        throw std::runtime_error("no such process");
    return count;
}

// How often a process that sleeps wakes up: as often as it goes to sleep again.
double wakeups_in(pid_t pid, std::chrono::seconds length) {
    const double before = sleeps_of(pid);
    std::this_thread::sleep_for(length);
    return sleeps_of(pid) - before;
}

// Each on a new connection, as the helper does.
void get_one_shot(const LineServer& server, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        Connection connection(server.socket);
        const std::string& host = server.seeded.hosts[i % server.seeded.hosts.size()];
        const std::string_view answer = connection.call(get_request(host), "\n\n");
        if (answer.find("password=patc1_") == std::string_view::npos)
            throw std::runtime_error("patd gave a wrong answer");
    }
}

Background start_bus(const Workspace& workspace, const std::string& address) {
    return Background(
        {{"/usr/bin/dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=" + address},
         environment_with({"HOME=" + workspace.disk(".")})});
}

// A service with its name on the bus that nobody calls. All of them run all the time, so that each
// shares its libraries' pages with the others.
struct IdleService {
    IdleService(const Workspace& workspace, const std::string& program, const std::string& address,
                const std::string& name)
        : process({{built_program("bench/" + program), address, workspace.disk(name), name},
                   environment_with({})}) {
        process.wait_until_listening(workspace.disk(name));
    }
    Background process;
};

// patd-auth, as patd asks it for the witness of its store; a patd without one would ask again every
// minute.
Background start_auth(const Workspace& workspace) {
    for (const char* name : {"auth.state", "auth.pam"})
        std::filesystem::create_directory(workspace.disk(name));
    std::filesystem::permissions(workspace.disk("auth.state"), std::filesystem::perms(0700));
    return Background(auth_command(workspace.disk("auth"), workspace.disk("auth.state"),
                                   workspace.disk("auth.pam"), ""));
}

struct MemoryOptions : Options {
    std::size_t idle_seconds = 600;
};

Report run(const MemoryOptions& options) {
    const Workspace workspace;
    const std::string address = "unix:path=" + workspace.disk("bus");
    const Background bus = start_bus(workspace, address);
    bus.wait_until_listening(workspace.disk("bus"));
    const Background auth = start_auth(workspace);
    auth.wait_until_listening(workspace.disk("auth"));
    const Clock::time_point started = Clock::now();
    const LineServer server =
        start_patd(workspace, {"patd", {1, kTokens}, address, workspace.disk("auth")});
    const IdleService idle_service(workspace, "idle_service", address, "org.patd.Idle");
    // Twice, so that library pages that it uses and patd does not are not counted as its own.
    const IdleService idle_libraries(workspace, "idle_service_libraries", address,
                                     "org.patd.IdleWithLibraries");
    const IdleService twin(workspace, "idle_service_libraries", address, "org.patd.IdleTwin");

    const double fresh = idle_private_kib(server.process->pid());
    get_one_shot(server, 100);
    const double used = idle_private_kib(server.process->pid());
    const double whole = used + unmapped_code_kib(server.process->pid());
    const double nothing = private_kib(idle_service.process.pid());
    const double libraries = private_kib(idle_libraries.process.pid());
    Report report("Memory");
    report.add_note("KiB private to the process (smaps_rollup), " + std::to_string(kTokens) +
                    " tokens of one user.");
    report.add_value("sd-bus service that does nothing", "KiB", nothing);
    report.add_value("the same with libcrypto and SQLite loaded", "KiB", libraries);
    report.add_value("patd, started", "KiB", fresh);
    report.add_value("patd, after 100 gets", "KiB", used);
    report.add_value("the same with all of its code mapped", "KiB", whole);
    double before = used;
    for (std::size_t round = 1; round <= options.rounds; ++round) {
        get_one_shot(server, kGets);
        const double now = idle_private_kib(server.process->pid());
        report.add_value("growth by gets " + std::to_string((round - 1) * kGets + 1) + " to " +
                             std::to_string(round * kGets),
                         "KiB", now - before);
        before = now;
    }
    report.add_ratio("patd after 100 gets / sd-bus service with libcrypto and SQLite",
                     used / libraries, Target{Bound::AtMost, 2.0});
    report.add_ratio("the same with all of its code mapped", whole / libraries);
    report.add_ratio("patd after 100 gets / sd-bus service that does nothing", used / nothing);
    report.add_ratio("patd after all gets / after 100 gets", before / used,
                     Target{Bound::AtMost, 1.05});
    // What a start puts off is over then, and no wake-up of an idle patd.
    const std::chrono::seconds idle(options.idle_seconds);
    std::this_thread::sleep_until(started + std::min(kStartIsOver, idle));
    const double wakeups = wakeups_in(server.process->pid(), idle);
    report.add_ratio("wake-ups of an idle patd in " + std::to_string(options.idle_seconds) + " s",
                     wakeups, Target{Bound::AtMost, 0});
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::MemoryOptions options;
        options.rounds = 3;
        CLI::App app("private memory of patd");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "times 10,000 gets");
        app.add_option("--idle-seconds", options.idle_seconds,
                       "how long wake-ups are counted; nobody asks meanwhile");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
