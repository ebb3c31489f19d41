// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
// fuzz_replay TARGET DIRECTORY [--alone]: gives a target each file of a corpus, each beginning of
// it, and copies with one byte changed, in the same order each time. Needs no libFuzzer, so every
// build does it (CTest corpus-TARGET). --alone: the files as they are, for valgrind.
#include "tests/fuzz/targets.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace patd::fuzz {
namespace {

using Run = void (*)(std::string_view);

struct Row {
    std::string_view name;
    Run run;
};

#define PATD_FUZZ_ROW(name) Row{#name, name},
constexpr Row kRows[] = {PATD_FUZZ_TARGETS(PATD_FUZZ_ROW)};
#undef PATD_FUZZ_ROW

constexpr std::size_t kChangedBytes = 512;  // of each seed: the build with sanitizers is slow
constexpr char kChanges[] = {'\0', '\n', '\x7f', '\xff', '"', '/', ':', '=', '%', '0'};

// Exactly as many bytes as there are, so that a sanitizer or valgrind sees one too many read.
void give(Run run, std::string_view input) {
    const std::vector<char> exact(input.begin(), input.end());
    run({exact.data(), exact.size()});
}

std::size_t replay(Run run, const std::string& seed, bool alone) {
    give(run, seed);
    if (alone)
        return 1;
    const std::size_t size = std::min(seed.size(), kChangedBytes);
    std::size_t runs = 1;
    for (std::size_t i = 0; i < size; ++i, ++runs)
        give(run, std::string_view(seed).substr(0, i));
    for (std::size_t i = 0; i < size; ++i) {
        std::string changed = seed;
        for (const char c : kChanges) {
            changed[i] = c;
            give(run, changed);
            ++runs;
        }
    }
    return runs;
}

int replay_all(Run run, const char* directory, bool alone) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::size_t runs = 0;
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        const std::string seed{std::istreambuf_iterator<char>(file), {}};
        (void)std::fprintf(stderr, "%s\n", path.filename().c_str());
        runs += replay(run, seed, alone);
    }
    (void)std::fprintf(stderr, "%zu files, %zu runs\n", files.size(), runs);
    return files.empty() ? 1 : 0;  // a target without seeds was forgotten
}

}  // namespace
}  // namespace patd::fuzz

int main(int argc, char** argv) {
    if (argc >= 3) {
        const bool alone = argc > 3 && std::strcmp(argv[3], "--alone") == 0;
        for (const auto& row : patd::fuzz::kRows) {
            if (row.name == argv[1])
                return patd::fuzz::replay_all(row.run, argv[2], alone);
        }
    }
    (void)std::fputs("usage: fuzz_replay TARGET DIRECTORY [--alone]\n", stderr);
    return 2;
}
