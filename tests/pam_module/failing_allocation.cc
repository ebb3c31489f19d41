// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>

// Linked only into pam_pat_faulty.so: the PATD_TEST_FAILING_ALLOCATION-th use of operator new since
// the variable was set fails. The module's symbols are local, so nobody else is affected.
namespace {

const char* counted_setting = nullptr;
int allocations_left = 0;

bool must_fail() {
    const char* setting = std::getenv("PATD_TEST_FAILING_ALLOCATION");
    if (setting == nullptr)
        return false;
    // setenv(3) stores each setting in a new place.
    if (setting != counted_setting) {
        counted_setting = setting;
        std::from_chars(setting, setting + std::strlen(setting), allocations_left);
    }
    return --allocations_left == 0;
}

}  // namespace

void* operator new(std::size_t size) {
    void* memory = must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
