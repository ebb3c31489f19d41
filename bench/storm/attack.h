// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/storm/forked.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace patd::bench {

// Where an attacker goes, and what it knows. A bench's secrets open nothing.
struct Aim {
    std::string line_socket;
    std::string floor_socket;  // of a program that only answers
    std::string bus_address;
    std::vector<std::string> wrong_secrets;  // well-formed, for tokens that do not exist
    std::string forged_secret;               // wrong, with the id of one of the victim's tokens
    std::string own_token;                   // the id of one of the guesser's
    std::string own_directory;               // into which the guesser may write
};

// What attackers have done so far, in memory shared with the bench.
struct Tally {
    std::atomic<std::uint64_t> sent = 0;      // requests, or connections if nothing is asked
    std::atomic<std::uint64_t> answered = 0;  // replies that they have read
    std::atomic<std::uint64_t> closed = 0;    // connections that patd, or the bus, has ended
};

using Attack = std::function<void(const Aim&, Tally&)>;

// One kind of abuse. Each is bounded: at most 32 connections per process, a number of pending
// calls, and a time after which the process ends by itself.
struct Abuse {
    std::string name;
    std::vector<Uid> uids;  // one process each
    Attack attack;
    std::size_t descriptors = 0;  // how many patd may have; 0: as many as this process
    // Shows what the machine or the bus does to the victim without patd.
    bool is_reference = false;
    // The victim's Status and List, or its requests on the line socket, go to the program that only
    // answers, instead of patd.
    bool asks_floor = false;
    bool asks_line_floor = false;
};

// The processes of an abuse, from its first request to the end of this object.
class Storm {
  public:
    Storm(const Abuse& abuse, const Aim& aim, std::chrono::seconds longest);

    const Tally& tally() const { return *tally_; }
    // Throws std::runtime_error if an attacker has given up, or none did anything: then nothing was
    // measured.
    void expect_abuse();

  private:
    struct Unmap {
        void operator()(Tally* tally) const;
    };

    std::string name_;
    std::unique_ptr<Tally, Unmap> tally_;
    std::vector<Forked> attackers_;
};

}  // namespace patd::bench
