// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// What a libstdc++ and a libgcc that were built for glibc expect of it and musl does not have
// (Musl.cmake). Nothing here holds or sees a secret.
#include <cxxabi.h>
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

// What libstdc++.a would bring along for an exception, each with pages that every run pays for.
namespace {

// What is thrown here is one std::bad_alloc or its like, and main() ends the program for it:
// libstdc++'s own room, 72 KiB, is mapped at every start. Its header of an exception is 128 bytes.
constexpr std::size_t kExceptionHeader = 256;
alignas(std::max_align_t) char exception_room[1024];
bool exception_room_is_taken = false;

}  // namespace

namespace __gnu_cxx {

// Instead of libstdc++'s, which prints the exception's name and brings its demangler, whose tables
// are relocated at every start.
void __verbose_terminate_handler() {
    std::abort();
}

// Frees what nobody has taken.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): libstdc++'s name
void __freeres() {}

}  // namespace __gnu_cxx

namespace __cxxabiv1 {

extern "C" {

void* __cxa_allocate_exception(std::size_t size) noexcept {
    if (exception_room_is_taken || size > sizeof(exception_room) - kExceptionHeader)
        std::abort();
    exception_room_is_taken = true;
    return exception_room + kExceptionHeader;
}

void __cxa_free_exception(void*) noexcept {
    std::memset(exception_room, 0, sizeof(exception_room));
    exception_room_is_taken = false;
}

// Of std::rethrow_exception, which nothing here calls.
__cxa_dependent_exception* __cxa_allocate_dependent_exception() noexcept {
    std::abort();
}

void __cxa_free_dependent_exception(__cxa_dependent_exception*) noexcept {}
}

}  // namespace __cxxabiv1

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
