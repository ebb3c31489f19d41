// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/seed.h"

#include "common/base/random.h"
#include "common/base/unique_fd.h"
#include "common/token/token_string.h"
#include "daemon/store/tokens/token_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace patd::bench {
namespace {

constexpr std::size_t kVerifications = 256;
constexpr std::uint32_t kFirstOtherUid = 100000;

template <typename T>
T must(Result<T> result) {
    if (!result)
        throw std::runtime_error("seed: " + std::string(errc_name(result.error().code)) + " " +
                                 result.error().context);
    if constexpr (!std::is_void_v<T>)
        return std::move(result).value();
}

MasterKey make_key(Random& random, const std::string& key_file) {
    std::array<std::uint8_t, 32> bytes{};
    must(random.fill(bytes));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const UniqueFd file(::open(key_file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write " + key_file);
    return MasterKey(SecretBuffer::copy_of(text));
}

UnixTime now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Token make_token(const Seed& seed, std::size_t owner, std::size_t number, Random& random) {
    const std::uint32_t other = kFirstOtherUid + static_cast<std::uint32_t>(owner);
    Token token{must(TokenId::generate(random)), Uid(owner == 0 ? 0 : other),
                owner == 0 ? "root" : "user" + std::to_string(owner)};
    token.description = "bench " + std::to_string(number);
    token.permissions = must(parse_permission_list("vcs:repository:rw"));
    token.kind = seed.kind;
    std::vector<std::string> targets;
    for (const auto& [host, path] : places_of(seed, number))
        targets.push_back(std::string("https://").append(host).append("/").append(path));
    token.targets = must(parse_targets(targets));
    token.username = token.owner_name;
    token.created = now();
    return token;
}

std::string verification(const TokenSecret& secret, const std::string& permission) {
    return verify_request({secret.reveal().data(), secret.size()}, permission);
}

SeededAccount fill_account(store::TokenStore& tokens, const AccountSeed& account, Random& random) {
    SeededAccount seeded;
    for (std::size_t number = 0; number < account.tokens; ++number) {
        Token token{must(TokenId::generate(random)), Uid(account.uid), account.name};
        token.description = "bench " + std::to_string(number);
        token.permissions = must(parse_permission_list(permission_list(account, number)));
        const std::string own = account.name + "-" + std::to_string(number) + ".example";
        seeded.hosts.push_back(account.host.empty() ? own : account.host);
        token.targets = must(parse_targets({"https://" + seeded.hosts.back()}));
        token.username = account.name;
        token.created = now();
        const TokenSecret secret = must(make_issued_secret(token.id, random));
        must(tokens.insert(token, secret));
        if (number == 0) {
            seeded.id = token.id.text();
            seeded.verification = verification(secret, account.permissions.front() + ":ro");
        }
    }
    return seeded;
}

void add_places(Seeded& seeded, const std::vector<std::pair<std::string, std::string>>& places) {
    for (const auto& [host, path] : places) {
        seeded.hosts.push_back(host);
        seeded.paths.push_back(path);
    }
}

Seeded fill(store::TokenStore& tokens, const Seed& seed, Random& random) {
    Seeded seeded;
    const std::size_t total = seed.owners * seed.tokens_per_owner;
    const std::size_t step = std::max<std::size_t>(total / kVerifications, 1);
    std::size_t count = 0;
    for (std::size_t owner = 0; owner < seed.owners; ++owner) {
        for (std::size_t number = 0; number < seed.tokens_per_owner; ++number) {
            const Token token = make_token(seed, owner, number, random);
            const TokenSecret secret = must(make_issued_secret(token.id, random));
            must(tokens.insert(token, secret));
            if (owner == 0)
                add_places(seeded, places_of(seed, number));
            if (count++ % step == 0)
                seeded.verifications.push_back(verification(secret, "vcs:repository:ro"));
        }
    }
    for (const AccountSeed& account : seed.accounts)
        seeded.accounts.emplace(account.name, fill_account(tokens, account, random));
    return seeded;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> places_of(const Seed& seed, std::size_t number) {
    std::vector<std::pair<std::string, std::string>> places;
    for (std::size_t i = 0; i < seed.targets_per_token; ++i) {
        const std::string name = std::to_string(number) + "-" + std::to_string(i);
        if (seed.one_host)
            places.emplace_back("git.example", "team" + name);
        else
            places.emplace_back("host" + name + ".example", "");
    }
    return places;
}

std::string permission_list(const AccountSeed& account, std::size_t number) {
    std::string list;
    for (std::size_t i = 0; i < account.permissions.size(); ++i) {
        const bool reads =
            account.permissions.size() > 1 && i == number % account.permissions.size();
        list.append(i == 0 ? "" : ",").append(account.permissions[i]).append(reads ? ":ro" : ":rw");
    }
    return list;
}

std::string verify_request(std::string_view secret, const std::string& permission) {
    return "patd=1\nop=verify\ntoken=" + std::string(secret) + "\npermission=" + permission +
           "\n\n";
}

Seeded seed_store(const Seed& seed, const std::string& state_directory, const std::string& key_file,
                  const std::string& scratch) {
    SystemRandom random;
    const std::string building = scratch + "/building";
    for (const std::string& directory : {building, state_directory}) {
        if (::mkdir(directory.c_str(), 0700) != 0)
            throw std::runtime_error("cannot make " + directory);
    }
    Seeded seeded;
    {
        const auto tokens =
            must(store::TokenStore::open({building, true}, make_key(random, key_file), random));
        seeded = fill(*tokens, seed, random);
    }
    std::filesystem::copy(building, state_directory,
                          std::filesystem::copy_options::overwrite_existing |
                              std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(building);
    ::sync();
    return seeded;
}

}  // namespace patd::bench
