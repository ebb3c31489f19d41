// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What ships is linked with another libc than the one it was compiled for. The rest of this folder
// shows that it works; this, that an exception finds its handler there too.
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

support::ProcessResult run_with_address_space(int kib) {
    const support::TemporaryDirectory directory;
    support::ProcessOptions options;
    options.arguments = {"/bin/sh", "-c",
                         "ulimit -v " + std::to_string(kib) + "; exec " PATD_TEST_HELPER " get"};
    options.directory = directory.path();
    options.input = "protocol=https\nhost=git.example\n";
    return support::run_process(options);
}

TEST(MuslRuntime, EndsWithAMessageWhenThereIsNoMemory) {
    // Each step leaves less; the first ones are enough, and the last ones are too little to start.
    bool seen = false;
    for (int kib = 4096; kib > 0 && !seen; kib -= 64) {
        const support::ProcessResult result = run_with_address_space(kib);
        ASSERT_EQ(result.status, 1) << kib << " KiB: " << result.errors;
        seen = result.errors == "git-credential-pat: out of memory\n";
        EXPECT_EQ(result.output, "");
    }
    EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace patd
