// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/site.h"

#include "bench/connection.h"
#include "bench/other_build.h"
#include "bench/storm/bus_client.h"
#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/password/password_store.h"
#include "common/token/token_string.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace patd::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kAreas = 4;
constexpr std::size_t kThings = 12;
constexpr std::size_t kVictimTokens = 10;
constexpr std::size_t kCollectorTokens = limits::kTokensPerUser;
constexpr std::size_t kCommitteeTokens = 60;  // a get of 25 ms where every pair is compared
constexpr std::chrono::seconds kStartPatience{10};
constexpr std::chrono::seconds kSettlePatience{5};
constexpr std::chrono::milliseconds kQuickly{500};
// For every request of the victim on the line socket.
constexpr char kFloorReply[] = "password=patc1_\nversion=0\nvalid=1\n\n";

template <typename T>
T must(Result<T> result) {
    if (!result)
        throw std::runtime_error("storm: " + std::string(errc_name(result.error().code)) + " " +
                                 result.error().context);
    if constexpr (!std::is_void_v<T>)
        return std::move(result).value();
}

void make_private(const std::string& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0)
        throw std::runtime_error("cannot make " + directory);
}

std::string area_of(std::size_t number) {
    return "area" + std::to_string(number);
}

// 48 of them.
std::vector<std::string> catalogue_permissions() {
    std::vector<std::string> permissions;
    for (std::size_t area = 0; area < kAreas; ++area) {
        for (std::size_t thing = 0; thing < kThings; ++thing)
            permissions.push_back(area_of(area) + ":thing" + std::to_string(thing));
    }
    return permissions;
}

Seed seed_of(const Cast& cast) {
    const std::vector<std::string> all = catalogue_permissions();
    Seed seed;
    seed.tokens_per_owner = 0;
    seed.accounts = {
        {cast.victim.value(), kVictim, kVictimTokens, "", {all.front()}},
        {cast.guesser.value(), kGuesser, 1, kGuesserHost, {all.front()}},
        {cast.collector.value(), kCollector, kCollectorTokens, kCollectorHost, all},
        {cast.committee.value(), kCommittee, kCommitteeTokens, kCommitteeHost, all},
    };
    return seed;
}

void give_password(const std::string& directory, const char* name, const std::string& password) {
    const password::PasswordStore store =
        must(password::PasswordStore::open({directory, std::nullopt}));
    must(store.set(must(password::find_account(name)),
                   ServicePassword(SecretBuffer::copy_of(std::string_view(password))),
                   password::Existing::Keep));
}

std::string text_of(const TokenSecret& secret) {
    return {secret.reveal().data(), secret.size()};
}

}  // namespace

Beginning::Beginning(const Workspace& workspace, const Cast& cast, const std::string& build)
    : cast_(cast),
      directory_(workspace.disk(build.empty() ? "beginning" : "other")),
      password_("bench only, opens nothing") {
    make_private(directory_);
    const std::string state = directory_ + "/state";
    const std::string key = directory_ + "/key";
    seeded_ = build.empty()
                  ? seed_store(seed_of(cast), state, key, workspace.scratch())
                  : seed_by_patd(seed_of(cast), {state, key, ""}, build, workspace.disk("filling"));
    make_private(directory_ + "/auth");
    for (const char* name : {kVictim, kGuesser, kCollector})
        give_password(directory_ + "/auth", name, password_);
    write_catalogue(directory_ + "/root", catalogue_permissions());
}

Site::Site(const Parts& parts, std::string name, std::string build)
    : workspace_(parts.workspace),
      beginning_(parts.beginning),
      placement_(parts.placement),
      has_broker_(parts.has_broker),
      name_(std::move(name)),
      build_(std::move(build)) {
    SystemRandom random;
    for (std::size_t i = 0; i < limits::kVerifySecrets; ++i)
        wrong_secrets_.push_back(
            text_of(must(make_issued_secret(must(TokenId::generate(random)), random))));
    const std::optional<TokenId> seen = TokenId::parse(beginning_.of(kVictim).id);
    forged_secret_ = text_of(must(make_issued_secret(seen.value(), random)));
}

Aim Site::aim() const {
    return {path("socket"), path("line-floor"), "unix:path=" + path("bus"),
            wrong_secrets_, forged_secret_,     beginning_.of(kGuesser).id,
            path("own")};
}

Victim Site::victim() const {
    const SeededAccount& account = beginning_.of(kVictim);
    return {beginning_.cast().victim,
            path("socket"),
            "unix:path=" + path("bus"),
            account.hosts.front(),
            account.verification,
            std::string("patd=1\nop=check\nuser=") + kVictim +
                "\npassword=" + beginning_.password() + "\n\n"};
}

void Site::start(std::size_t descriptors) {
    descriptors_ = descriptors;
    stop();
    fs::remove_all(path("d"));
    fs::copy(beginning_.directory(), path("d"), fs::copy_options::recursive);
    make_own_directory();
    place_servers(placement_);
    start_bus();
    start_auth();
    start_patd();
    start_floor();
    place_clients(placement_);
    await_bus();
}

void Site::stop() {
    // A patd kept busy by a storm would not react to the signal to end.
    if (patd_)
        patd_->kill_now();
    patd_.reset();
    floor_.reset();
    line_floor_.reset();
    auth_.reset();
    bus_.reset();
    broker_.reset();
    for (const char* socket : {"socket", "line-floor", "bus", "auth"})
        fs::remove(path(socket));
}

void Site::make_own_directory() const {
    fs::remove_all(path("own"));
    make_private(path("own"));
    const uid_t owner = beginning_.cast().guesser.value();
    if (::chown(path("own").c_str(), owner, owner) != 0)
        throw std::runtime_error("chown");
}

void Site::start_bus() {
    if (has_broker_) {
        broker_ = std::make_unique<MessageBroker>(path("bus"));
        return;
    }
    bus_ = std::make_unique<Background>(open_bus(path("bus"), path("d/bus.conf")));
    bus_->wait_until_listening(path("bus"));
}

void Site::start_auth() {
    const std::string passwords = path("d/auth");
    const std::string pam = path("d/pam");
    make_private(pam);
    const std::string line = either_program("pam_module/pam_pat.so", build_) +
                             " password backend=file state_directory=" + passwords;
    std::ofstream(pam + "/patd") << "auth required " << line << "\naccount required " << line
                                 << "\n";
    auth_ = std::make_unique<Background>(auth_command(path("auth"), passwords, pam, build_));
    auth_->wait_until_listening(path("auth"));
}

void Site::start_patd() {
    std::vector<std::string> prefix;
    if (descriptors_ != 0) {
        const std::string limit = std::to_string(descriptors_);
        prefix = {"/usr/bin/prlimit", "--nofile=" + limit + ":" + limit, "--"};
    }
    Command patd = patd_command(
        {path("d/state"), path("d/key"), path("socket")},
        {.bus_address = "unix:path=" + path("bus"), .auth_socket = path("auth"), .build = build_});
    patd.arguments.insert(patd.arguments.end(), {"--config-root", path("d/root")});
    patd.arguments.insert(patd.arguments.begin(), prefix.begin(), prefix.end());
    patd_ = std::make_unique<Background>(patd);
    patd_->wait_until_listening(path("socket"));
}

void Site::start_floor() {
    Command command;
    command.arguments = {built_program("bench/bus_floor"), "unix:path=" + path("bus"), kFloorName};
    command.environment = {"PATH=/usr/bin:/bin"};
    floor_ = std::make_unique<Background>(command);
    const std::string reply = path("d/reply");
    std::ofstream(reply) << kFloorReply;
    command.arguments = {built_program("bench/echo_server"), path("line-floor"), reply};
    line_floor_ = std::make_unique<Background>(command);
    line_floor_->wait_until_listening(path("line-floor"));
    fs::permissions(path("line-floor"), fs::perms(0666));
}

void Site::await_bus() const {
    const Clock::time_point end = Clock::now() + kStartPatience;
    while (!answers()) {
        if (Clock::now() > end)
            throw std::runtime_error(name_ + " does not answer");
        ::poll(nullptr, 0, 10);
    }
}

// On the line socket and on the bus.
bool Site::answers() const {
    try {
        Connection line(path("socket"), kQuickly);
        (void)line.call("patd=1\nop=capability\n\n", "\n\n");
        const bus::BusPtr bus = connect_bus("unix:path=" + path("bus"), kQuickly);
        const bus::MessagePtr call = new_manager_call(bus.get(), "Status");
        const bus::MessagePtr floor_call = new_floor_call(bus.get(), "Status");
        return sd_bus_call(bus.get(), call.get(), 0, nullptr, nullptr) >= 0 &&
               sd_bus_call(bus.get(), floor_call.get(), 0, nullptr, nullptr) >= 0;
    } catch (const std::exception&) {
        return false;
    }
}

bool Site::settle() {
    const Clock::time_point end = Clock::now() + kSettlePatience;
    while (Clock::now() < end) {
        if (answers())
            return true;
        ::poll(nullptr, 0, 10);
    }
    start(descriptors_);
    return false;
}

}  // namespace patd::bench
