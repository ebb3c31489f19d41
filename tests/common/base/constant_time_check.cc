// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/secret_buffer.h"

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstring>

// Row P12: the compared bytes are marked as undefined, so that valgrind reports every jump and
// every address that depends on them. Only whether they are all equal may be known.
namespace {

using Bytes = std::array<std::uint8_t, 32>;

Bytes secret(std::uint8_t first) {
    Bytes bytes{};
    bytes.front() = first;
    VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
    return bytes;
}

template <typename Compare>
bool outcome_of(Compare compare, const Bytes& a, const Bytes& b) {
    bool equal = compare(a, b);
    VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof equal);
    return equal;
}

bool ours(const Bytes& a, const Bytes& b) {
    return patd::constant_time_equal(std::span<const std::uint8_t>(a), b);
}

// A comparison that must be noticed: it ends at the first byte that differs.
__attribute__((noinline)) bool early(const Bytes& a, const Bytes& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

}  // namespace

int main() {
    if (RUNNING_ON_VALGRIND == 0) {
        std::puts("must be run by valgrind");
        return 1;
    }
    const bool right =
        outcome_of(ours, secret(1), secret(1)) && !outcome_of(ours, secret(1), secret(2));
    if (!right || VALGRIND_COUNT_ERRORS != 0) {
        std::puts("constant_time_equal is wrong, or its way depends on what it compares");
        return 1;
    }
    const bool noticed = !outcome_of(early, secret(1), secret(2)) && VALGRIND_COUNT_ERRORS != 0;
    if (!noticed)
        std::puts("valgrind notices nothing");
    return noticed ? 0 : 1;
}
