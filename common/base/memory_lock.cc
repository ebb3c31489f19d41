// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/memory_lock.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace patd {
namespace {

Error not_locked(int number) {
    rlimit limit{};
    const bool is_known = getrlimit(RLIMIT_MEMLOCK, &limit) == 0;
    return Error{Errc::Unavailable,
                 "mlock2: " + std::generic_category().message(number) + "; RLIMIT_MEMLOCK is " +
                     (is_known ? std::to_string(limit.rlim_cur) + " bytes" : "not known")};
}

}  // namespace

Result<void> check_memory_lock(std::size_t bytes) {
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return not_locked(errno);
    const int number = mlock2(pages, bytes, MLOCK_ONFAULT) == 0 ? 0 : errno;
    (void)munmap(pages, bytes);
    if (number != 0)
        return not_locked(number);
    return {};
}

}  // namespace patd
