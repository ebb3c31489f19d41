// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>

namespace patd {

// For a process through whose memory secrets pass: it writes no core, and nobody of its uid reads
// it (prctl(2), PR_SET_DUMPABLE). Best effort; patd-auth has a check of its own (auth/hardening.h).
// Thread rule: once, before anything else.
inline void leave_no_core() noexcept {
    (void)prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

}  // namespace patd
