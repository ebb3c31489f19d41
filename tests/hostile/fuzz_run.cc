// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/fuzz_run.h"

#include "common/base/parse_number.h"

#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace patd::hostile {
namespace {

constexpr int kFaultsMax = 20;  // more tell nothing new
constexpr char kUsage[] =
    "Usage: %s [--seed N] [--seconds N] [--first ROUND] [--rounds N] [--password-in VARIABLE]\n"
    "          [--spare-uid UID] [--tell] [WORD]...\n"
    "Attacks the patd of this machine as the calling user; tests/hostile/hostile.py prepares a\n"
    "private one. WORD: a text that patd knows, such as a token's id.\n";

[[noreturn]] void end_with_usage(const std::string& name) {
    std::fprintf(stderr, kUsage, name.c_str());
    std::exit(2);
}

// The value of an option that takes a number. Ends the process if it is none.
template <std::integral Number>
Number number_or_end(const std::string& name) {
    const std::optional<Number> number = parse_number<Number>(optarg);
    if (!number)
        end_with_usage(name);
    return *number;
}

bool read_option(int option, const std::string& name, FuzzOptions& options) {
    switch (option) {
        case 's':
            options.seed = number_or_end<std::uint64_t>(name);
            return true;
        case 't':
            options.seconds = std::chrono::seconds(number_or_end<std::int64_t>(name));
            return true;
        case 'f':
            options.first = number_or_end<std::uint64_t>(name);
            return true;
        case 'n':
            options.rounds = number_or_end<std::uint64_t>(name);
            return true;
        case 'u':
            options.spared = number_or_end<std::uint32_t>(name);
            return true;
        case 'v':
            options.tells = true;
            return true;
        case 'p':
            if (const char* password = std::getenv(optarg); password != nullptr)
                options.password = password;
            return true;
        default:
            return false;
    }
}

}  // namespace

FuzzRun::FuzzRun(std::string_view name, int argc, char** argv) : name_(name) {
    constexpr std::array<option, 8> kOptions = {{{"seed", required_argument, nullptr, 's'},
                                                 {"seconds", required_argument, nullptr, 't'},
                                                 {"first", required_argument, nullptr, 'f'},
                                                 {"rounds", required_argument, nullptr, 'n'},
                                                 {"spare-uid", required_argument, nullptr, 'u'},
                                                 {"tell", no_argument, nullptr, 'v'},
                                                 {"password-in", required_argument, nullptr, 'p'},
                                                 {nullptr, 0, nullptr, 0}}};
    int found = 0;
    while ((found = ::getopt_long(argc, argv, "", kOptions.data(), nullptr)) != -1) {
        if (!read_option(found, name_, options_))
            end_with_usage(name_);
    }
    options_.words.assign(argv + optind, argv + argc);
    chance_ = Chance(options_.seed);
    // Peers that vanish are the point here.
    ::signal(SIGPIPE, SIG_IGN);
}

void FuzzRun::fault(const std::string& what) {
    std::fprintf(stderr, "FAULT %s uid %u --seed %llu --first %llu: %s\n", name_.c_str(),
                 ::geteuid(), static_cast<unsigned long long>(options_.seed),
                 static_cast<unsigned long long>(round_), what.c_str());
    ++faults_;
}

int FuzzRun::go(const std::function<void()>& round) {
    const auto end = std::chrono::steady_clock::now() + options_.seconds;
    std::uint64_t done = 0;
    std::uint64_t slowest = 0;
    std::chrono::steady_clock::duration longest{};
    for (; done < options_.rounds && faults_ < kFaultsMax; ++done) {
        if (std::chrono::steady_clock::now() >= end)
            break;
        round_ = options_.first + done;
        chance_.begin_round(round_);
        const auto began = std::chrono::steady_clock::now();
        try {
            round();
        } catch (const std::exception& error) {
            fault(std::string("the fuzzer cannot go on: ") + error.what());
            break;
        }
        const auto took = std::chrono::steady_clock::now() - began;
        if (took > longest) {
            longest = took;
            slowest = round_;
        }
    }
    std::printf(
        "%s: uid %u, seed %llu: %llu rounds, %llu requests, %d faults; round %llu took "
        "%.1f s\n",
        name_.c_str(), ::geteuid(), static_cast<unsigned long long>(options_.seed),
        static_cast<unsigned long long>(done), static_cast<unsigned long long>(requests_), faults_,
        static_cast<unsigned long long>(slowest), std::chrono::duration<double>(longest).count());
    for (const auto& [outcome, times] : outcomes_) {
        if (options_.tells)
            std::printf("%10llu %s\n", static_cast<unsigned long long>(times), outcome.c_str());
    }
    return faults_ == 0 ? 0 : 1;
}

int guarded(const std::function<int()>& run) noexcept {
    try {
        return run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "FAULT the fuzzer: %s\n", error.what());
    } catch (...) {
        std::fprintf(stderr, "FAULT the fuzzer\n");
    }
    return 2;
}

}  // namespace patd::hostile
