// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What a user waits for: git-credential-pat as a whole process, compared with peers that give git a
// credential from memory or from a keyring, and `git credential fill` with it. tools/bench.sh
// builds the peers that Debian ships as source, and runs this inside a session bus with an unlocked
// gnome-keyring.
#include "bench/report.h"
#include "bench/server.h"

#include <CLI/CLI.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

namespace patd::bench {
namespace {

constexpr char kPeerInput[] = "protocol=https\nhost=peer.example\n";
constexpr char kPeerInputAndSecret[] =
    "protocol=https\nhost=peer.example\nusername=bench\npassword=bench-only\n";
// What git 2.46 and later say before they ask.
constexpr char kNewerGit[] = "capability[]=authtype\ncapability[]=state\n";
constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kRunsEach = 12;

struct HelperOptions : Options {
    bool stand_in = false;
    std::string libsecret;   // git-credential-libsecret, built from git's contrib
    std::string musl_floor;  // do_nothing.c linked with musl
};

Contender whole_process(const std::string& name, const Command& command) {
    return {name, "us", [command] { return run_timed(command) * 1e6; }};
}

// Eight threads start the command over and over: processes per second.
Contender eight_at_once(const std::string& name, const Command& command) {
    return {name, "processes/s", [command] {
                std::atomic<bool> failed = false;
                const auto start = std::chrono::steady_clock::now();
                {
                    std::vector<std::jthread> threads;
                    for (std::size_t i = 0; i < kAtOnce; ++i) {
                        threads.emplace_back([&] {
                            try {
                                for (std::size_t run = 0; run < kRunsEach; ++run)
                                    run_timed(command);
                            } catch (const std::exception&) {
                                failed = true;
                            }
                        });
                    }
                }
                const std::chrono::duration<double> elapsed =
                    std::chrono::steady_clock::now() - start;
                if (failed)
                    throw std::runtime_error("eight at once: a run failed");
                return static_cast<double>(kAtOnce * kRunsEach) / elapsed.count();
            }};
}

std::string git_exec_path() {
    for (const char* path : {"/usr/lib/git-core", "/usr/libexec/git-core"}) {
        if (::access((std::string(path) + "/git-credential-cache").c_str(), X_OK) == 0)
            return path;
    }
    throw std::runtime_error("git-credential-cache is missing; install git");
}

// The measured commands, each ready to run.
class Peers {
  public:
    Peers(const Workspace& workspace, const HelperOptions& options, std::string host)
        : workspace_(workspace), options_(options), host_(std::move(host)) {
        prepare_cache();
        prepare_store();
        prepare_repository();
        if (!options_.libsecret.empty())
            run_timed({{options_.libsecret, "store"}, environment_, kPeerInputAndSecret});
    }
    ~Peers() {
        try {
            run_timed(cache("exit"));
        } catch (const std::exception&) {  // it goes with its socket anyway
        }
    }
    Peers(const Peers&) = delete;
    Peers& operator=(const Peers&) = delete;

    Command floor(const std::string& program) const { return {{program}, environment_}; }
    Command helper(const std::string& program) const {
        return {{program, "get"}, environment_, input(), "password="};
    }
    // As a git that offers authtype runs it inside a repository, and with a configuration of which
    // only git can tell who else it asks.
    Command helper_of_newer_git(const std::string& program, bool simple) const {
        Command command = helper(program);
        command.environment =
            environment_with({"GIT_CONFIG_GLOBAL=" + config(simple), "GIT_DIR=" + repository(),
                              "PATH=" + git_exec_path() + ":/usr/bin:/bin"});
        command.input = kNewerGit + command.input;
        return command;
    }
    Command cache_of_newer_git() const {
        Command command = cache("get");
        command.input = kNewerGit + command.input;
        return command;
    }
    Command cache(const std::string& verb) const {
        return {{git_exec_path() + "/git-credential-cache", "--socket=" + cache_socket(), verb},
                environment_,
                verb == "store" ? kPeerInputAndSecret : kPeerInput,
                verb == "get" ? "password=bench-only" : ""};
    }
    Command libsecret() const {
        return {{options_.libsecret, "get"}, environment_, kPeerInput, "password=bench-only"};
    }
    // `git credential fill` with `helper` as the only one; ours as `patctl setup git` writes it.
    Command fill(const std::string& name, const std::string& helper,
                 const std::string& request) const {
        const std::string config = workspace_.disk(name + ".gitconfig");
        std::ofstream(config) << "[credential]\n\thelper = " << helper << "\n";
        return {{"/usr/bin/git", "credential", "fill"},
                environment_with({"GIT_CONFIG_GLOBAL=" + config, "GIT_CONFIG_NOSYSTEM=1",
                                  "GIT_TERMINAL_PROMPT=0"}),
                request,
                "password="};
    }
    std::string input() const { return "protocol=https\nhost=" + host_ + "\n"; }
    std::string store_helper() const { return "store --file=" + workspace_.disk("credentials"); }

  private:
    std::string cache_socket() const { return workspace_.disk("cache/socket"); }

    std::string repository() const { return workspace_.disk("repository.git"); }
    std::string config(bool simple) const {
        return workspace_.disk(simple ? "simple.gitconfig" : "quoted.gitconfig");
    }

    void prepare_repository() const {
        run_timed({{"/usr/bin/git", "init", "--quiet", "--bare", repository()}, environment_});
        const std::string others = "[credential]\n\thelper =\n\thelper = ";
        std::ofstream(config(true)) << others << "/usr/bin/git-credential-pat\n";
        std::ofstream(config(false)) << others << "\"/usr/bin/git-credential-pat\"\n";
    }
    void prepare_cache() const {
        ::mkdir(workspace_.disk("cache").c_str(), 0700);
        run_timed(cache("store"));
    }
    void prepare_store() const {
        std::ofstream(workspace_.disk("credentials")) << "https://bench:bench-only@peer.example\n";
        ::chmod(workspace_.disk("credentials").c_str(), 0600);
    }

    const Workspace& workspace_;
    const HelperOptions& options_;
    std::string host_;
    std::vector<std::string> environment_ = environment_with({});
};

// Another build's patd and its helper, which looks for `./socket` too.
struct OtherBuild {
    OtherBuild() = default;
    OtherBuild(const Workspace& workspace, const HelperOptions& options)
        : program(built_program("bench/git-credential-pat-bench", options.against)),
          directory(workspace.disk("against")) {
        ::mkdir(directory.c_str(), 0700);
        server = start_patd(workspace, {.name = "against/socket",
                                        .seed = {1, 100},
                                        .bus_address = "none",
                                        .build = options.against});
    }
    Command helper(const Peers& peers) const {
        Command command = peers.helper(program);
        command.directory = directory;
        return command;
    }

    std::string program;
    std::string directory;
    LineServer server;
};

const Series& find(const std::vector<Series>& all, std::string_view name) {
    for (const Series& series : all) {
        if (series.name == name)
            return series;
    }
    throw std::runtime_error("no series " + std::string(name));
}

constexpr char kFloor[] = "static glibc program that does nothing";
constexpr char kOurs[] = "git-credential-pat get";
constexpr char kOther[] = "git-credential-pat get, the other build";
constexpr char kCache[] = "git-credential-cache get";
constexpr char kOursNewer[] = "git-credential-pat get, git 2.46 and later";
constexpr char kOursNewerAsking[] = "git-credential-pat get, git 2.46 and later, asking git";
constexpr char kCacheNewer[] = "git-credential-cache get, the same request";
constexpr char kLibsecret[] = "git-credential-libsecret get";
constexpr char kGlibc[] = "git-credential-pat get, linked with static glibc";
constexpr char kMuslFloor[] = "static musl program that does nothing";
constexpr char kFillOurs[] = "git credential fill, git-credential-pat";
constexpr char kFillStore[] = "git credential fill, store";
constexpr char kEightOurs[] = "eight at once, git-credential-pat get";
constexpr char kEightCache[] = "eight at once, git-credential-cache get";

void add_ratios(Report& report, const std::vector<Series>& all, const HelperOptions& options) {
    const auto ratio = [&](const char* a, const char* b, std::optional<Target> target) {
        report.add_ratio(std::string(a) + " / " + b, paired_ratio(find(all, a), find(all, b)),
                         target);
    };
    ratio(kOurs, kFloor, Target{Bound::AtMost, 1.0});
    if (!options.against.empty())
        ratio(kOurs, kOther, Target{Bound::AtMost, 0.8});
    ratio(kOurs, kCache, Target{Bound::AtMost, 0.6});
    ratio(kOursNewer, kOurs, Target{Bound::AtMost, 1.1});
    ratio(kOursNewer, kCacheNewer, Target{Bound::AtMost, 0.6});
    ratio(kOursNewerAsking, kOurs, std::nullopt);
    if (!options.libsecret.empty())
        ratio(kOurs, kLibsecret, Target{Bound::AtMost, 0.06});
    ratio(kGlibc, kFloor, std::nullopt);
    ratio(kOurs, kGlibc, std::nullopt);
    if (!options.musl_floor.empty())
        ratio(kMuslFloor, kFloor, std::nullopt);
    ratio(kFillOurs, kFillStore, Target{Bound::AtMost, 0.75});
    ratio(kEightOurs, kEightCache, Target{Bound::AtLeast, 1.3});
}

Report run(const HelperOptions& options) {
    const Workspace workspace;
    const LineServer server =
        options.stand_in ? start_echo(workspace, "socket", "username=root\npassword=fixed\n\n")
                         : start_patd(workspace, {"socket", {1, 100}, "none"});
    const std::string host = options.stand_in ? "host0.example" : server.seeded.hosts.front();
    const std::string helper = built_program("bench/git-credential-pat-bench");
    const Peers peers(workspace, options, host);

    std::vector<Contender> contenders = {
        whole_process(kFloor, peers.floor(built_program("bench/do_nothing"))),
        whole_process(kOurs, peers.helper(helper)),
        whole_process(kGlibc, peers.helper(built_program("bench/git-credential-pat-glibc"))),
        whole_process(kCache, peers.cache("get")),
        whole_process(kOursNewer, peers.helper_of_newer_git(helper, true)),
        whole_process(kOursNewerAsking, peers.helper_of_newer_git(helper, false)),
        whole_process(kCacheNewer, peers.cache_of_newer_git()),
        whole_process(kFillOurs, peers.fill("ours", "!exec " + helper, peers.input())),
        whole_process(kFillStore, peers.fill("store", peers.store_helper(), kPeerInput)),
    };
    const OtherBuild other =
        options.against.empty() ? OtherBuild{} : OtherBuild(workspace, options);
    if (!options.against.empty())
        contenders.push_back(whole_process(kOther, other.helper(peers)));
    if (!options.libsecret.empty())
        contenders.push_back(whole_process(kLibsecret, peers.libsecret()));
    if (!options.musl_floor.empty())
        contenders.push_back(whole_process(kMuslFloor, peers.floor(options.musl_floor)));
    std::vector<Series> all = measure_rounds(contenders, options.rounds);
    const std::vector<Contender> crowds = {eight_at_once(kEightOurs, peers.helper(helper)),
                                           eight_at_once(kEightCache, peers.cache("get"))};
    const std::vector<Series> crowd_series =
        measure_rounds(crowds, std::max<std::size_t>(options.rounds / 20, 5));
    all.insert(all.end(), crowd_series.begin(), crowd_series.end());

    Report report("Credential helper: whole processes");
    report.add_note(std::string("Server: ") + (options.stand_in ? "stand-in" : "patd") + ". " +
                    std::to_string(options.rounds) + " rounds.");
    for (const Series& series : all)
        report.add(series);
    add_ratios(report, all, options);
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::HelperOptions options;
        options.rounds = 200;
        CLI::App app("git-credential-pat beside its peers");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_flag("--stand-in", options.stand_in,
                     "a server that gives a fixed answer, not patd");
        app.add_option("--libsecret", options.libsecret, "git-credential-libsecret");
        patd::bench::add_against(app, options);
        app.add_option("--musl-floor", options.musl_floor, "do_nothing.c linked with musl");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
