// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/idle_memory.h"

#include <gtest/gtest.h>
#include <link.h>

#include <fstream>
#include <string>

namespace patd {
namespace {

// KiB of this program's read-only segments that are currently mapped.
std::size_t mapped_code() {
    const auto code = reinterpret_cast<std::uintptr_t>(&mapped_code);
    std::ifstream maps("/proc/self/smaps");
    std::string line;
    bool inside = false;
    while (std::getline(maps, line)) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
            inside = begin <= code && code < end;
        if (inside && line.starts_with("Rss:"))
            return std::stoul(line.substr(4));
    }
    return 0;
}

// Reads a byte of every page of the program's code. Some linkers put constants there too, with
// ASan's redzones around them.
[[gnu::no_sanitize_address]] int touch_code(dl_phdr_info* object, std::size_t /*size*/, void* sum) {
    for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0)
            continue;
        const auto* bytes =
            // NOLINTNEXTLINE(performance-no-int-to-ptr): an address is what the headers hold
            reinterpret_cast<const volatile unsigned char*>(object->dlpi_addr + segment.p_vaddr);
        for (std::size_t at = 0; at < segment.p_memsz; at += 4096)
            *static_cast<unsigned*>(sum) += bytes[at];
    }
    return 1;
}

TEST(IdleMemory, UnmapsTheProgramsCodeAndNothingOfWhatItIs) {
    unsigned before = 0;
    dl_iterate_phdr(touch_code, &before);
    const std::size_t mapped = mapped_code();
    ASSERT_GT(mapped, 0U);
    give_back_idle_memory();
    EXPECT_LT(mapped_code(), mapped);
    unsigned after = 0;
    dl_iterate_phdr(touch_code, &after);
    EXPECT_EQ(after, before) << "it comes back as it was";
}

}  // namespace
}  // namespace patd
