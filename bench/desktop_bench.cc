// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Per-user mode on a real gnome-keyring, with 1,000 tokens: a get compared with the sealed store's
// patd with the same tokens, the helper compared with the programs that ask the same keyring, and a
// file of 1,000 secrets imported at once compared with storing them one by one. tools/bench.sh runs
// this inside a session bus with an unlocked keyring.
#include "bench/connection.h"
#include "bench/report.h"
#include "bench/server.h"
#include "common/step_up/frame_stream.h"

#include <CLI/CLI.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

namespace patd::bench {
namespace {

constexpr std::size_t kTokens = 1000;
constexpr std::size_t kCalls = 500;
constexpr std::size_t kImports = 5;
constexpr char kSecretStart[] = "bench-only-";
constexpr std::size_t kSecretBytes = 65;  // like a token of patd's

struct DesktopOptions : Options {
    std::string libsecret;         // git-credential-libsecret, built from git's contrib
    std::size_t stores = kTokens;  // how many times secret-tool stores
};

// Plays patd-auth: grants every request, without a password.
class Granting {
  public:
    explicit Granting(const std::string& path)
        : path_(path), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
                0 ||
            ::listen(listener_.get(), 4) != 0)
            throw std::runtime_error("cannot listen at " + path);
        thread_ = std::thread([this] { serve(); });
    }
    ~Granting() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    Granting(const Granting&) = delete;
    Granting& operator=(const Granting&) = delete;

    const std::string& path() const { return path_; }

  private:
    void serve() const {
        while (true) {
            const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            step_up::FrameStream stream(client.get(), std::chrono::seconds(5));
            if (stream.receive())
                (void)stream.send(step_up::FrameKind::Granted, "");
        }
    }

    std::string path_;
    UniqueFd listener_;
    std::thread thread_;
};

std::string host_of(std::size_t number) {
    return "host" + std::to_string(number) + ".example";
}

std::string make_secret(std::mt19937_64& generator) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::uniform_int_distribution<std::size_t> pick(0, kLetters.size() - 1);
    std::string secret = kSecretStart;
    while (secret.size() < kSecretBytes)
        secret += kLetters[pick(generator)];
    return secret;
}

std::vector<std::string> make_secrets() {
    std::mt19937_64 generator(1);
    std::vector<std::string> secrets;
    for (std::size_t i = 0; i < kTokens; ++i)
        secrets.push_back(make_secret(generator));
    return secrets;
}

// As git-credential-store keeps them.
std::string write_file(const Workspace& workspace, const std::vector<std::string>& secrets) {
    std::string path = workspace.disk("credentials");
    std::ofstream file(path);
    for (std::size_t i = 0; i < secrets.size(); ++i)
        file << "https://root:" << secrets[i] << "@" << host_of(i) << "\n";
    return path;
}

// A patd that is reached over a bus, and how patctl reaches it.
struct Served {
    std::string socket;
    std::vector<std::string> patctl;
    std::vector<std::string> environment;

    Command command(const std::vector<std::string>& arguments) const {
        Command command{patctl, environment};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        return command;
    }
    void await() const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (true) {
            try {
                run_timed(command({"list"}));
                return;
            } catch (const std::exception&) {
                if (std::chrono::steady_clock::now() > end)
                    throw;
            }
            ::poll(nullptr, 0, 20);
        }
    }
};

Command patd_user(const Workspace& workspace, const std::string& socket,
                  const std::string& auth_socket) {
    return {{built_program("daemon/user/patd-user"), "--state-dir", workspace.disk("user.state"),
             "--socket", socket, "--auth-socket", auth_socket},
            environment_with({})};
}

// Milliseconds from the start of patctl to its end: reading the file, every check, the bus, the
// store. The password, which a human would type, is not asked for. The imported tokens are removed
// before the next round.
Contender import_of(const std::string& name, const Served& served, const std::string& file) {
    return {name, "ms", [&served, file] {
                run_timed(served.command({"remove-all", "--password-fd", "0"}));
                return run_timed(served.command({"import", "--from", file, "--password-fd", "0"})) *
                       1e3;
            }};
}

std::vector<std::string> secret_tool(const std::string& verb, std::size_t number) {
    std::vector<std::string> arguments = {"/usr/bin/secret-tool", verb};
    if (verb == "store")
        arguments.emplace_back("--label=bench");
    for (const std::string& word :
         {std::string("service"), std::string("patd-bench"), std::string("host"), host_of(number)})
        arguments.push_back(word);
    return arguments;
}

// Milliseconds for all of them, one process each.
double store_one_by_one(const std::vector<std::string>& secrets, std::size_t count) {
    const std::vector<std::string> environment = environment_with({});
    double total = 0;
    for (std::size_t i = 0; i < count; ++i)
        total += run_timed({secret_tool("store", i), environment, secrets[i]});
    return total * 1e3;
}

class Picker {
  public:
    explicit Picker(std::size_t count) : pick_(0, count - 1) {}
    std::size_t operator()() { return pick_(generator_); }

  private:
    std::mt19937_64 generator_{2};
    std::uniform_int_distribution<std::size_t> pick_;
};

// Microseconds per call on one connection, each for another token.
Contender get_calls(const std::string& name, const std::string& socket) {
    return {name, "us", [socket, pick = Picker(kTokens)]() mutable {
                Connection connection(socket);
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t call = 0; call < kCalls; ++call) {
                    const std::string_view answer =
                        connection.call(get_request(host_of(pick())), "\n\n");
                    if (answer.find(kSecretStart) == std::string_view::npos)
                        throw std::runtime_error("a wrong answer");
                }
                const std::chrono::duration<double, std::micro> elapsed =
                    std::chrono::steady_clock::now() - start;
                return elapsed.count() / static_cast<double>(kCalls);
            }};
}

Contender helper(const std::string& name) {
    return {name, "us", [pick = Picker(kTokens)]() mutable {
                return run_timed({{built_program("bench/git-credential-pat-bench"), "get"},
                                  environment_with({}),
                                  "protocol=https\nhost=" + host_of(pick()) + "\n",
                                  kSecretStart}) *
                       1e6;
            }};
}

Contender secret_tool_lookup(const std::string& name, std::size_t count) {
    return {name, "us", [pick = Picker(count)]() mutable {
                return run_timed({secret_tool("lookup", pick()), environment_with({}), "",
                                  kSecretStart}) *
                       1e6;
            }};
}

Contender git_libsecret(const std::string& name, const std::string& program) {
    const std::string input = "protocol=https\nhost=peer.example\n";
    run_timed({{program, "store"},
               environment_with({}),
               input + "username=bench\npassword=" + kSecretStart + "\n"});
    return {
        name, "us", [program, input] {
            return run_timed({{program, "get"}, environment_with({}), input, kSecretStart}) * 1e6;
        }};
}

void measure_imports(Report& report, const Served& own, const Served& sealed,
                     const std::vector<std::string>& secrets, const DesktopOptions& options,
                     const std::string& file) {
    const std::vector<Contender> contenders = {
        import_of("patctl --session import --from, 1,000 secrets", own, file),
        import_of("patctl import --from, 1,000 secrets, sealed store", sealed, file)};
    const std::vector<Series> series = measure_rounds(contenders, kImports);
    for (const Series& each : series)
        report.add(each);
    const double stores = store_one_by_one(secrets, options.stores) * static_cast<double>(kTokens) /
                          static_cast<double>(options.stores);
    report.add_value("secret-tool store, 1,000 times", "ms", stores);
    report.add_ratio(series[0].name + " / secret-tool store, 1,000 times",
                     median(series[0].values) / stores);
}

void measure_gets(Report& report, const Served& own, const Served& sealed,
                  const DesktopOptions& options) {
    std::vector<Contender> contenders = {get_calls("get, patd-user", own.socket),
                                         get_calls("get, patd", sealed.socket),
                                         helper("git-credential-pat get, patd-user"),
                                         secret_tool_lookup("secret-tool lookup", options.stores)};
    if (!options.libsecret.empty())
        contenders.push_back(git_libsecret("git-credential-libsecret get", options.libsecret));
    const std::vector<Series> series = measure_rounds(contenders, options.rounds);
    for (const Series& each : series)
        report.add(each);
    report.add_ratio("get, patd-user / get, patd", paired_ratio(series[0], series[1]),
                     Target{Bound::AtMost, 1.2});
    for (std::size_t peer = 3; peer < series.size(); ++peer)
        report.add_ratio(series[2].name + " / " + series[peer].name,
                         paired_ratio(series[2], series[peer]));
}

Report run(const DesktopOptions& options) {
    const Workspace workspace;
    const Granting granting(workspace.disk("auth"));
    const std::string bus_address = "unix:path=" + workspace.disk("bus");
    const Background bus({{"/usr/bin/dbus-daemon", "--session", "--nofork", "--nopidfile",
                           "--address=" + bus_address},
                          environment_with({"HOME=" + workspace.disk(".")})});
    bus.wait_until_listening(workspace.disk("bus"));
    const LineServer patd =
        start_patd(workspace, {"sealed", {.tokens_per_owner = 0}, bus_address, granting.path()});
    // Where the bench's helper looks.
    const Served own{
        workspace.disk("socket"), {built_program("cli/patctl"), "--session"}, environment_with({})};
    const Background user(patd_user(workspace, own.socket, granting.path()));
    user.wait_until_listening(own.socket);
    const Served sealed{patd.socket,
                        {built_program("cli/patctl")},
                        environment_with({"DBUS_SYSTEM_BUS_ADDRESS=" + bus_address})};
    own.await();
    sealed.await();

    Report report("Per-user mode on gnome-keyring");
    report.add_note(std::to_string(options.rounds) + " rounds of " + std::to_string(kCalls) +
                    " gets or of one process, " + std::to_string(kTokens) + " tokens; " +
                    std::to_string(kImports) + " imports. secret-tool stored " +
                    std::to_string(options.stores) + " secrets, each as a process of its own.");
    const std::vector<std::string> secrets = make_secrets();
    measure_imports(report, own, sealed, secrets, options, write_file(workspace, secrets));
    measure_gets(report, own, sealed, options);
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::DesktopOptions options;
        options.rounds = 40;
        CLI::App app("per-user mode beside the sealed store and the keyring's own clients");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        app.add_option("--libsecret", options.libsecret, "git-credential-libsecret");
        app.add_option("--stores", options.stores,
                       "secrets that secret-tool stores; its time is that of 1,000")
            ->check(CLI::Range(std::size_t{1}, patd::bench::kTokens));
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
