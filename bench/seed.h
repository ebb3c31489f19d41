// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <cstddef>
#include <string>
#include <vector>

namespace patd::bench {

// How a store is filled. Every owner has the same number of issued tokens, each for hosts of its
// own, so that only the size of the store differs between two seeds.
struct Seed {
    std::size_t owners = 1;  // the first is root, who runs the bench
    std::size_t tokens_per_owner = 100;
    std::size_t targets_per_token = 1;
    bool one_host = false;  // the targets differ by their paths, all on one host
    TokenKind kind = TokenKind::Issued;
};

// The tokens of a bench open nothing and die with it, so that plain strings may hold them.
struct Seeded {
    std::vector<std::string> hosts;          // of root's tokens: one a target, without the scheme
    std::vector<std::string> paths;          // the same, "" with a host for each
    std::vector<std::string> verifications;  // framed `verify` requests, for tokens all over it
};

// Makes a store in `state_directory` (which is made, 0700) under a new master key that is written
// to `key_file` (0600). The store is built in memory-backed `scratch` first, because each insert is
// a transaction of its own. Throws std::runtime_error.
Seeded seed_store(const Seed& seed, const std::string& state_directory, const std::string& key_file,
                  const std::string& scratch);

}  // namespace patd::bench
