// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/other_build.h"

#include "common/base/random.h"

#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>

namespace patd::bench {
namespace {

constexpr char kOwnPermission[] = "vcs:repository";

void make_folder(const std::string& directory, mode_t mode) {
    if (::mkdir(directory.c_str(), mode) != 0)
        throw std::runtime_error("cannot make " + directory);
}

void write_key(const std::string& key_file) {
    std::array<std::uint8_t, 32> bytes{};
    SystemRandom random;
    if (!random.fill(bytes))
        throw std::runtime_error("no random bytes");
    std::ofstream(key_file).write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (::chmod(key_file.c_str(), 0600) != 0)
        throw std::runtime_error("cannot write " + key_file);
}

std::vector<std::string> permissions_in(const Seed& seed) {
    std::set<std::string> permissions = {kOwnPermission};
    for (const AccountSeed& account : seed.accounts)
        permissions.insert(account.permissions.begin(), account.permissions.end());
    return {permissions.begin(), permissions.end()};
}

// A bus and a patd-auth that grants everything, for as long as the store is filled.
class Filling {
  public:
    Filling(const PatdFiles& files, const Seed& seed, const std::string& build,
            const std::string& directory)
        : directory_(directory), patctl_(either_program("cli/patctl", build)) {
        make_folder(directory_, 0711);
        make_folder(path("pam"), 0700);
        make_folder(path("passwords"), 0700);  // and counts of wrong tries
        std::ofstream(path("pam/patd")) << "auth required pam_permit.so\n"
                                        << "account required pam_permit.so\n";
        write_catalogue(path("root"), permissions_in(seed));
        bus_ = std::make_unique<Background>(open_bus(path("bus"), path("bus.conf")));
        bus_->wait_until_listening(path("bus"));
        auth_ = std::make_unique<Background>(
            auth_command(path("auth"), path("passwords"), path("pam"), build));
        auth_->wait_until_listening(path("auth"));
        Command patd = patd_command({files.state, files.key, path("socket")},
                                    {.bus_address = "unix:path=" + path("bus"),
                                     .auth_socket = path("auth"),
                                     .build = build});
        patd.arguments.insert(patd.arguments.end(), {"--config-root", path("root")});
        patd_ = std::make_unique<Background>(patd);
        patd_->wait_until_listening(path("socket"));
        await_bus();
    }
    ~Filling() {
        patd_.reset();
        auth_.reset();
        bus_.reset();
        std::filesystem::remove_all(directory_);
    }
    Filling(const Filling&) = delete;
    Filling& operator=(const Filling&) = delete;

    // Returns its secret. With --json, so that patctl gives no advice.
    std::string create(std::uint32_t uid, const std::string& permissions,
                       const std::vector<std::string>& targets) const {
        std::vector<std::string> arguments = {"--json",    "create",        "bench", "--permission",
                                              permissions, "--password-fd", "0",     "--output-fd",
                                              "1"};
        for (const std::string& target : targets)
            arguments.insert(arguments.end(), {"--target", target});
        const std::string output = run_to_end(patctl(uid, arguments)).output;
        return output.substr(0, output.find('\n'));
    }

  private:
    std::string path(const char* what) const { return directory_ + "/" + what; }
    Command patctl(std::uint32_t uid, const std::vector<std::string>& arguments) const {
        const std::string id = std::to_string(uid);
        Command command{
            {"/usr/bin/setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--", patctl_},
            {"PATH=/usr/bin:/bin", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + path("bus")}};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        return command;
    }
    void await_bus() const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        Command list = patctl(0, {"list"});
        list.silent = true;
        while (true) {
            try {
                run_timed(list);
                return;
            } catch (const std::exception&) {
                if (std::chrono::steady_clock::now() > end)
                    throw;
            }
            ::poll(nullptr, 0, 20);
        }
    }

    std::string directory_;
    std::string patctl_;
    std::unique_ptr<Background> bus_;
    std::unique_ptr<Background> auth_;
    std::unique_ptr<Background> patd_;
};

// Of pat1_ID_SECRET.
std::string id_of(const std::string& secret) {
    const std::size_t begin = secret.find('_') + 1;
    return secret.substr(begin, secret.find('_', begin) - begin);
}

SeededAccount fill_other(const Filling& filling, const AccountSeed& account) {
    SeededAccount seeded;
    for (std::size_t number = 0; number < account.tokens; ++number) {
        const std::string own = account.name + "-" + std::to_string(number) + ".example";
        seeded.hosts.push_back(account.host.empty() ? own : account.host);
        const std::string secret = filling.create(account.uid, permission_list(account, number),
                                                  {"https://" + seeded.hosts.back()});
        if (number == 0) {
            seeded.id = id_of(secret);
            seeded.verification = verify_request(secret, account.permissions.front() + ":ro");
        }
    }
    return seeded;
}

}  // namespace

Seeded seed_by_patd(const Seed& seed, const PatdFiles& files, const std::string& build,
                    const std::string& directory) {
    if (seed.owners != 1 || seed.kind != TokenKind::Issued)
        throw std::runtime_error("another build's store: one owner, issued tokens");
    make_folder(files.state, 0700);
    write_key(files.key);
    const Filling filling(files, seed, build, directory);
    Seeded seeded;
    for (std::size_t number = 0; number < seed.tokens_per_owner; ++number) {
        std::vector<std::string> targets;
        for (const auto& [host, path] : places_of(seed, number)) {
            targets.push_back(std::string("https://").append(host).append("/").append(path));
            seeded.hosts.push_back(host);
            seeded.paths.push_back(path);
        }
        const std::string secret = filling.create(0, std::string(kOwnPermission) + ":rw", targets);
        seeded.verifications.push_back(verify_request(secret, std::string(kOwnPermission) + ":ro"));
    }
    for (const AccountSeed& account : seed.accounts)
        seeded.accounts.emplace(account.name, fill_other(filling, account));
    return seeded;
}

}  // namespace patd::bench
