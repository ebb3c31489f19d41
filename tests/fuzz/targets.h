// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string_view>

namespace patd::fuzz {

// What is fuzzed: each parser that reads what strangers, other programs or an old disk say. A
// target is a function that takes any bytes, and aborts when a promise of the parser is broken. Its
// seeds are in corpus/NAME, its words in dictionaries/NAME.dict; tools/fuzz.sh runs it.
#define PATD_FUZZ_TARGETS(X) \
    X(adapters)              \
    X(begin_requests)        \
    X(catalogue)             \
    X(children)              \
    X(configuration)         \
    X(converse)              \
    X(frames)                \
    X(gateway)               \
    X(http_requests)         \
    X(import_files)          \
    X(json)                  \
    X(line)                  \
    X(manifests)             \
    X(pam_lines)             \
    X(pam_options)           \
    X(permissions)           \
    X(places)                \
    X(records)               \
    X(token_strings)

#define PATD_DECLARE_FUZZ_TARGET(name) void name(std::string_view input);
PATD_FUZZ_TARGETS(PATD_DECLARE_FUZZ_TARGET)
#undef PATD_DECLARE_FUZZ_TARGET

}  // namespace patd::fuzz
