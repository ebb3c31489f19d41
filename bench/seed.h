// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::bench {

// An account of this machine, with issued tokens of its own.
struct AccountSeed {
    std::uint32_t uid = 65534;
    std::string name;
    std::size_t tokens = 1;
    // Every token is for this host; "": a different host for each.
    std::string host;
    // Of every token, as `rw`; if there are several, each token has a different one of them as
    // `ro`, so that no token has everything that another has.
    std::vector<std::string> permissions = {"vcs:repository"};
};

// How a store is filled. Every owner has the same number of issued tokens, each for separate hosts,
// so that two seeds differ only in the size of the store.
struct Seed {
    std::size_t owners = 1;  // the first is root, who runs the bench
    std::size_t tokens_per_owner = 100;
    std::size_t targets_per_token = 1;
    bool one_host = false;  // the targets differ by their paths, all on one host
    TokenKind kind = TokenKind::Issued;
    std::vector<AccountSeed> accounts = {};  // in addition to those owners
};

// The data of one account.
struct SeededAccount {
    std::vector<std::string> hosts;
    std::string id;            // of its first token
    std::string verification;  // a framed `verify` request for it
};

// A bench's tokens open nothing and die with it, so plain strings may hold them.
struct Seeded {
    std::vector<std::string> hosts;          // of root's tokens: one per target, without the scheme
    std::vector<std::string> paths;          // likewise, "" if each has its own host
    std::vector<std::string> verifications;  // framed `verify` requests, for tokens all over it
    std::map<std::string, SeededAccount> accounts;  // by name
};

// The parts of it, for a store that is filled in another way: the hosts and paths of a token's
// targets, its permissions, and a framed request.
std::vector<std::pair<std::string, std::string>> places_of(const Seed& seed, std::size_t number);
std::string permission_list(const AccountSeed& account, std::size_t number);
std::string verify_request(std::string_view secret, const std::string& permission);

// Creates a store in `state_directory` (created, 0700) under a new master key that is written to
// `key_file` (0600). The store is first built in memory-backed `scratch`, because each insert is a
// separate transaction. Throws std::runtime_error.
Seeded seed_store(const Seed& seed, const std::string& state_directory, const std::string& key_file,
                  const std::string& scratch);

}  // namespace patd::bench
