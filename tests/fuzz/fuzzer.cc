// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
// The entry point that libFuzzer calls, with the target that PATD_FUZZ_TARGET names.
#include "tests/fuzz/targets.h"

#include <cstddef>
#include <cstdint>

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* bytes, std::size_t size) {
    patd::fuzz::PATD_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
