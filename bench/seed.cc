// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/seed.h"

#include "common/base/random.h"
#include "common/base/unique_fd.h"
#include "common/token/token_string.h"
#include "daemon/store/token_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <stdexcept>

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

std::string host_of(std::size_t number) {
    return "host" + std::to_string(number) + ".example";
}

Token make_token(std::size_t owner, std::size_t number, Random& random) {
    const std::uint32_t other = kFirstOtherUid + static_cast<std::uint32_t>(owner);
    Token token{must(TokenId::generate(random)), Uid(owner == 0 ? 0 : other),
                owner == 0 ? "root" : "user" + std::to_string(owner)};
    token.description = "bench " + std::to_string(number);
    token.permissions = must(parse_permission_list("vcs:repository:rw"));
    token.targets = must(parse_targets({"https://" + host_of(number)}));
    token.username = token.owner_name;
    token.created = std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    return token;
}

std::string verification(const TokenSecret& secret) {
    return "patd=1\nop=verify\ntoken=" + std::string(secret.expose().data(), secret.size()) +
           "\npermission=vcs:repository:ro\n\n";
}

Seeded fill(store::TokenStore& tokens, const Seed& seed, Random& random) {
    Seeded seeded;
    const std::size_t total = seed.owners * seed.tokens_per_owner;
    const std::size_t step = std::max<std::size_t>(total / kVerifications, 1);
    std::size_t count = 0;
    for (std::size_t owner = 0; owner < seed.owners; ++owner) {
        for (std::size_t number = 0; number < seed.tokens_per_owner; ++number) {
            const Token token = make_token(owner, number, random);
            const TokenSecret secret = must(make_issued_secret(token.id, random));
            must(tokens.insert(token, secret));
            if (owner == 0)
                seeded.hosts.push_back(host_of(number));
            if (count++ % step == 0)
                seeded.verifications.push_back(verification(secret));
        }
    }
    return seeded;
}

}  // namespace

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
