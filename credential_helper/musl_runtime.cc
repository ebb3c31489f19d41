// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What a libstdc++ and a libgcc that were built for glibc expect of it and musl does not have
// (Musl.cmake). Nothing here holds or sees a secret.
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdint>

namespace {

// Fills in the one field that libgcc's unwinder reads of a static program, and stops.
int find_unwind_table(dl_phdr_info* info, std::size_t, void* result) {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        if (info->dlpi_phdr[i].p_type != PT_GNU_EH_FRAME)
            continue;
        const std::uintptr_t address = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): an address is what the program headers hold
        static_cast<dl_find_object*>(result)->dlfo_eh_frame = reinterpret_cast<void*>(address);
        return 1;
    }
    return 0;
}

}  // namespace

extern "C" {

// musl's, under a name of ours: with the headers of glibc 2.38 and newer a call of strtoul is one
// of __isoc23_strtoul.
unsigned long musl_strtoul(const char* text, char** end, int base) noexcept __asm__("strtoul");

// Of libstdc++ 14 and newer, which read a tunable with it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): glibc's name
unsigned long __isoc23_strtoul(const char* text, char** end, int base) noexcept {
    return musl_strtoul(text, end, base);
}

// A hint that reference counts need no atomic operations: true of a program of one thread.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): glibc's name
char __libc_single_threaded = 1;

// The table of a function's frames, so that an exception finds its handler. 0 when it is there.
int _dl_find_object(void*, dl_find_object* result) __THROWNL {
    return dl_iterate_phdr(find_unwind_table, result) == 1 ? 0 : -1;
}

// Of std::random_device, which libstdc++.a brings along and nothing here uses.
std::uint32_t arc4random() noexcept {
    std::uint32_t value = 0;
    if (getrandom(&value, sizeof(value), 0) != sizeof(value))
        _exit(1);
    return value;
}
}
