// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/secret_buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace patd {
namespace {

std::size_t mapped_bytes(std::size_t capacity) {
    constexpr std::size_t kPage = 4096;
    // One extra byte for the NUL of reveal_c_str.
    return (capacity + 1 + kPage - 1) / kPage * kPage;
}

}  // namespace

SecretBuffer::SecretBuffer(std::size_t capacity) : capacity_(capacity) {
    const std::size_t length = mapped_bytes(capacity);
    void* pages = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        throw std::bad_alloc();
    data_ = static_cast<char*>(pages);
    // Locked on fault only: a buffer with room for a long request locks no more than it uses.
    (void)mlock2(pages, length, MLOCK_ONFAULT);
    (void)madvise(pages, length, MADV_DONTDUMP);
    (void)madvise(pages, length, MADV_WIPEONFORK);
}

SecretBuffer SecretBuffer::copy_of(std::span<const char> bytes) {
    SecretBuffer copy(bytes.size());
    (void)copy.append(bytes);
    return copy;
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
    if (this != &other) {
        release();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
}

SecretBuffer::~SecretBuffer() {
    release();
}

void SecretBuffer::release() noexcept {
    if (data_ == nullptr)
        return;
    // Bytes past size_ were wiped when they left it (consume, wipe).
    explicit_bzero(data_, size_);
    munmap(data_, mapped_bytes(capacity_));
    data_ = nullptr;
    size_ = capacity_ = 0;
}

Result<void> SecretBuffer::append(std::span<const char> bytes) {
    if (bytes.size() > capacity_ - size_)
        return Errc::LimitExceeded;
    if (!bytes.empty())
        std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return {};
}

void SecretBuffer::grow(std::size_t count) {
    size_ += std::min(count, capacity_ - size_);
}

void SecretBuffer::drop_last(std::size_t count) {
    count = std::min(count, size_);
    if (count == 0)
        return;
    explicit_bzero(data_ + size_ - count, count);
    size_ -= count;
}
void SecretBuffer::consume(std::size_t count) {
    count = std::min(count, size_);
    if (count == 0)
        return;
    std::memmove(data_, data_ + count, size_ - count);
    explicit_bzero(data_ + size_ - count, count);
    size_ -= count;
}

void SecretBuffer::wipe() {
    if (data_ != nullptr)
        explicit_bzero(data_, size_);
    size_ = 0;
}

const char* SecretBuffer::reveal_c_str() const {
    if (data_ == nullptr)
        return "";
    data_[size_] = '\0';
    return data_;
}

void wipe(std::span<char> bytes) {
    if (!bytes.empty())
        explicit_bzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) {
    wipe(std::span<char>(text.data(), text.size()));
    text.clear();
}

bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
        // Hides from the compiler that a single difference decides.
        asm volatile("" : "+r"(difference));
    }
    return difference == 0;
}

bool constant_time_equal(std::span<const char> a, std::span<const char> b) {
    // char and unsigned char share their representation ([basic.types.general]).
    return constant_time_equal(
        std::span(reinterpret_cast<const std::uint8_t*>(a.data()), a.size()),
        std::span(reinterpret_cast<const std::uint8_t*>(b.data()), b.size()));
}

}  // namespace patd
