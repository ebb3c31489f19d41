// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Logins a second with a token (pam_pat.so) and with a password (pam_unix), by pamtester(1) on the
// machine's own libpam, against patd. The stacks, root's password and /run are mounted over the
// machine's in a mount namespace of this process.
#include "bench/report.h"
#include "bench/server.h"
#include "common/base/random.h"
#include "common/password/yescrypt.h"

#include <CLI/CLI.hpp>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace patd::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kPassword[] = "bench only, opens nothing";
// What passwd(1) of Debian hashes with: `$y$j9T$`.
constexpr int kDebianCost = 5;
// As many as a pipe holds the passwords of.
constexpr std::size_t kTokenLogins = 500;
constexpr std::size_t kPasswordLogins = 10;

void mount_over(const std::string& source, const char* target) {
    if (::mount(source.c_str(), target, nullptr, MS_BIND, nullptr) != 0)
        throw std::runtime_error(std::string("cannot mount over ") + target);
}

// pam_pat.so asks patd only at its one path, which may be in use: nobody else sees this /run.
void enter_private_mounts(const Workspace& workspace) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        throw std::runtime_error("no private mounts: run as root");
    if (::mkdir(workspace.disk("run").c_str(), 0755) != 0 ||
        ::mkdir(workspace.disk("run/patd").c_str(), 0755) != 0)
        throw std::runtime_error("mkdir");
    mount_over(workspace.disk("run"), "/run");
}

// An /etc/shadow with root alone.
void give_root_a_password(const std::string& copy) {
    SystemRandom random;
    const auto hash = password::hash_password(
        ServicePassword(SecretBuffer::copy_of(std::string_view(kPassword))), kDebianCost, random);
    if (!hash)
        throw std::runtime_error("cannot hash");
    const std::span<const char> bytes = hash.value().reveal();
    std::ofstream(copy) << "root:" << std::string(bytes.begin(), bytes.end()) << ":20000:0:::::\n";
    fs::permissions(copy, fs::perms(0600));
    mount_over(copy, "/etc/shadow");
}

void write_stacks(const std::string& directory, const std::string& pat, const std::string& host) {
    if (::mkdir(directory.c_str(), 0755) != 0)
        throw std::runtime_error("cannot make " + directory);
    const auto write = [&](const std::string& name, const std::string& how,
                           const std::string& account) {
        std::ofstream(directory + "/" + name)
            << "auth required " << how << "\naccount required " << account << "\n";
    };
    write("token", pat + " token permission=vcs:repository:ro audience=https://" + host, pat);
    write("password", "pam_unix.so", "pam_unix.so");
    write("nothing", "pam_permit.so", "pam_permit.so");
    write("other", "pam_deny.so", "pam_deny.so");
    mount_over(directory, "/etc/pam.d");
}

// The secret of a framed `verify` request.
std::string secret_of(const std::string& verification) {
    constexpr std::string_view kStart = "token=";
    const std::size_t start = verification.find(kStart) + kStart.size();
    return verification.substr(start, verification.find('\n', start) - start);
}

// One process, which authenticates `count` times and asks once for the account.
Contender logins(const std::string& name, const std::string& service, const std::string& secret,
                 std::size_t count) {
    Command command{{"/usr/bin/pamtester", service, "root"}, {"PATH=/usr/bin:/bin"}};
    for (std::size_t i = 0; i < count; ++i) {
        command.arguments.emplace_back("authenticate");
        command.input += secret + "\n";
    }
    command.arguments.emplace_back("acct_mgmt");
    command.expected = "account management done.";
    command.silent = true;  // the prompts
    return {name, "logins/s",
            [command, count] { return static_cast<double>(count) / run_timed(command); }};
}

Report run(const Options& options) {
    const Workspace workspace;
    const PatdFiles files{workspace.disk("state"), workspace.disk("key"), "/run/patd/socket"};
    // Found while this program's own path is what the kernel says.
    const Command patd_start = patd_command(files, {});
    const std::string pat = built_program("pam_module/pam_pat.so");
    enter_private_mounts(workspace);
    const Seeded seeded = seed_store({1, 100}, files.state, files.key, workspace.scratch());
    const Background patd(patd_start);
    patd.wait_until_listening(files.socket);
    give_root_a_password(workspace.disk("shadow"));
    write_stacks(workspace.disk("pam"), pat, seeded.hosts.front());
    const std::string token = secret_of(seeded.verifications.front());

    const std::vector<Contender> contenders = {
        logins("token, in one process", "token", token, kTokenLogins),
        logins("password, in one process", "password", kPassword, kPasswordLogins),
        logins("token, a process each", "token", token, 1),
        logins("password, a process each", "password", kPassword, 1),
        logins("nothing (pam_permit), a process each", "nothing", "", 1),
    };
    const std::vector<Series> all = measure_rounds(contenders, options.rounds);

    Report report("Logins through PAM");
    report.add_note(std::to_string(options.rounds) +
                    " rounds of pamtester. Token: pam_pat.so, 100 tokens; password: pam_unix.so, "
                    "yescrypt as Debian's passwd makes it.");
    for (const Series& series : all)
        report.add(series);
    report.add_ratio("pam_pat.so token / pam_unix password", paired_ratio(all[0], all[1]),
                     Target{Bound::AtLeast, 100});
    report.add_ratio("the same, a process each", paired_ratio(all[2], all[3]));
    report.add_ratio("pam_permit / pam_unix password, a process each",
                     paired_ratio(all[4], all[3]));
    report.add_ratio("pam_pat.so token / pam_permit, a process each", paired_ratio(all[2], all[4]));
    return report;
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        patd::bench::Options options;
        options.rounds = 40;
        CLI::App app("logins through PAM, with a token and with a password");
        app.add_flag("--json", options.json, "print JSON");
        app.add_option("--rounds", options.rounds, "rounds that are counted");
        CLI11_PARSE(app, argc, argv);
        return patd::bench::print_report(options, [&] { return patd::bench::run(options); });
    });
}
