// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace patd::bench {

// An account of this machine, with issued tokens of its own.
struct AccountSeed {
    std::uint32_t uid = 65534;
    std::string name;
    std::size_t tokens = 1;
    // Every token is for this host; "" for a host each.
    std::string host;
    // Of every token, as `rw`; where there are many, each token has another one of them as `ro`, so
    // that no token has all that another has.
    std::vector<std::string> permissions = {"vcs:repository"};
};

// How a store is filled. Every owner has the same number of issued tokens, each for hosts of its
// own, so that only the size of the store differs between two seeds.
struct Seed {
    std::size_t owners = 1;  // the first is root, who runs the bench
    std::size_t tokens_per_owner = 100;
    std::size_t targets_per_token = 1;
    bool one_host = false;  // the targets differ by their paths, all on one host
    TokenKind kind = TokenKind::Issued;
    std::vector<AccountSeed> accounts = {};  // besides those owners
};

// What there is of one account.
struct SeededAccount {
    std::vector<std::string> hosts;
    std::string id;            // of its first token
    std::string verification;  // a framed `verify` request for it
};

// The tokens of a bench open nothing and die with it, so that plain strings may hold them.
struct Seeded {
    std::vector<std::string> hosts;          // of root's tokens: one a target, without the scheme
    std::vector<std::string> paths;          // the same, "" with a host for each
    std::vector<std::string> verifications;  // framed `verify` requests, for tokens all over it
    std::map<std::string, SeededAccount> accounts;  // by name
};

// Makes a store in `state_directory` (which is made, 0700) under a new master key that is written
// to `key_file` (0600). The store is built in memory-backed `scratch` first, because each insert is
// a transaction of its own. Throws std::runtime_error.
Seeded seed_store(const Seed& seed, const std::string& state_directory, const std::string& key_file,
                  const std::string& scratch);

}  // namespace patd::bench
