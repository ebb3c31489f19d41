// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>

namespace patd {

// Memory for secret bytes: private pages, locked (mlock2(2), best effort under RLIMIT_MEMLOCK),
// excluded from core dumps and forked children, wiped before they are freed. The capacity is fixed
// at creation, so growth never leaves a copy behind; the size varies within it. Move-only, and
// nothing prints, compares or converts it: `reveal` is the verb to grep. Thread rule: one thread at
// a time.
class SecretBuffer {
  public:
    SecretBuffer() = default;
    // Room for `capacity` bytes, size 0. Throws std::bad_alloc when the kernel has no page.
    explicit SecretBuffer(std::size_t capacity);
    // A copy of `bytes`; the caller wipes the source if it owns it.
    static SecretBuffer copy_of(std::span<const char> bytes);

    SecretBuffer(SecretBuffer&& other) noexcept;
    SecretBuffer& operator=(SecretBuffer&& other) noexcept;
    SecretBuffer(const SecretBuffer&) = delete;
    SecretBuffer& operator=(const SecretBuffer&) = delete;
    ~SecretBuffer();

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }

    // Appends all of `bytes`, or nothing: LimitExceeded if they do not fit.
    Result<void> append(std::span<const char> bytes);
    // Drops the first `count` bytes (at most size), moves the rest down, wipes what was freed.
    void consume(std::size_t count);
    // Drops the last `count` bytes (at most size) and wipes them.
    void drop_last(std::size_t count);
    // Wipes everything and sets the size to 0; the capacity stays.
    void wipe();

    std::span<const char> reveal() const { return {data_, size_}; }
    // The free part at the end, for read(2); call `grow` for the bytes that arrived.
    std::span<char> free_space() { return {data_ + size_, capacity_ - size_}; }
    void grow(std::size_t count);
    // NUL-terminated, for C interfaces; valid until the next change.
    const char* reveal_c_str() const;

  private:
    void release() noexcept;

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

// Never printed or streamed, not even by a failing test.
std::ostream& operator<<(std::ostream&, const SecretBuffer&) = delete;
bool operator==(const SecretBuffer&, const SecretBuffer&) = delete;

// Overwrites memory in a way that the compiler may not optimise out.
void wipe(std::span<char> bytes);
void wipe(std::string& text);

// Equality in a time that depends only on the lengths.
bool constant_time_equal(std::span<const char> a, std::span<const char> b);
bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace patd
