// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/secret_buffer.h"

#include "common/base/secrets.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>

namespace patd {
namespace {

template <typename T>
concept CanWrite = requires(std::ostream& out, const T& value) {
    out << value;
};

std::string shown(const SecretBuffer& buffer) {
    const std::span<const char> bytes = buffer.reveal();
    return {bytes.begin(), bytes.end()};
}

SecretBuffer buffer_with(std::string_view text, std::size_t capacity) {
    SecretBuffer buffer(capacity);
    EXPECT_TRUE(buffer.append(text));
    return buffer;
}

// The VmFlags of the mapping that holds `address`, from smaps (proc(5)).
std::string vm_flags(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream smaps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(smaps, line);) {
        std::uintptr_t first = 0;
        std::uintptr_t last = 0;
        const char* const end = line.data() + line.size();
        const auto low = std::from_chars(line.data(), end, first, 16);
        if (low.ec == std::errc() && low.ptr != end && *low.ptr == '-' &&
            std::from_chars(low.ptr + 1, end, last, 16).ec == std::errc())
            inside = first <= wanted && wanted < last;
        else if (inside && line.starts_with("VmFlags:"))
            return line + " ";
    }
    return {};
}

TEST(SecretBuffer, HoldsWhatWasAppended) {
    SecretBuffer buffer(16);
    EXPECT_TRUE(buffer.empty());
    ASSERT_TRUE(buffer.append(std::string_view("pat")));
    ASSERT_TRUE(buffer.append(std::string_view("1_")));
    EXPECT_EQ(shown(buffer), "pat1_");
    EXPECT_EQ(buffer.capacity(), 16U);
}

TEST(SecretBuffer, TakesExactlyItsCapacityAndRefusesOneByteMoreWhole) {
    SecretBuffer buffer = buffer_with("1234567", 8);
    EXPECT_EQ(buffer.append(std::string_view("89")).error().code, Errc::LimitExceeded);
    EXPECT_EQ(shown(buffer), "1234567");
    ASSERT_TRUE(buffer.append(std::string_view("8")));
    EXPECT_FALSE(buffer.append(std::string_view("9")));
    EXPECT_TRUE(buffer.append({}));
    EXPECT_STREQ(buffer.reveal_c_str(), "12345678");
}

TEST(SecretBuffer, EndsWithANulAtAPageBoundaryToo) {
    const std::string page(4096, 'x');
    const SecretBuffer buffer = SecretBuffer::copy_of(page);
    EXPECT_EQ(std::string(buffer.reveal_c_str()), page);
}

TEST(SecretBuffer, KeepsEmbeddedNulBytes) {
    const SecretBuffer buffer = SecretBuffer::copy_of(std::string_view("a\0b", 3));
    EXPECT_EQ(shown(buffer), std::string("a\0b", 3));
}

TEST(SecretBuffer, ADefaultOneIsEmptyAndTakesNothing) {
    SecretBuffer buffer;
    EXPECT_TRUE(buffer.empty());
    EXPECT_STREQ(buffer.reveal_c_str(), "");
    EXPECT_FALSE(buffer.append(std::string_view("x")));
    buffer.wipe();
    buffer.consume(1);
    EXPECT_TRUE(buffer.append({}));
}

// Row M6.
TEST(SecretBuffer, MovesWithoutLeavingACopy) {
    SecretBuffer first = SecretBuffer::copy_of(std::string_view("short"));
    const char* const address = first.reveal().data();
    SecretBuffer second(std::move(first));
    EXPECT_EQ(second.reveal().data(), address);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is tested
    EXPECT_EQ(first.capacity(), 0U);
    EXPECT_STREQ(first.reveal_c_str(), "");
}

// Row M7: nothing writes it to a stream; a test's framework, which prints what it cannot write byte
// by byte, shows where the secret lies, and not what it is.
TEST(SecretBuffer, PrintsAsNothingThatItHolds) {
    static_assert(!CanWrite<SecretBuffer> && !CanWrite<ServicePassword> && !CanWrite<TokenSecret>);
    const std::string text = "a secret that no printer shows";
    const auto holds = [&text](const std::string& printed) {
        std::ostringstream bytes;  // as gtest writes them: "61-20 73-65"
        for (std::size_t n = 0; n < 8; ++n)
            bytes << (n == 0       ? ""
                      : n % 2 == 0 ? " "
                                   : "-")
                  << std::hex << std::uppercase << int{text[n]};
        return printed.find(text.substr(0, 8)) != std::string::npos ||
               printed.find(bytes.str()) != std::string::npos;
    };
    struct Open {
        char text[30];
    } open{};
    text.copy(open.text, sizeof(open.text));
    ASSERT_TRUE(holds(testing::PrintToString(open))) << "this is how it would look";
    EXPECT_FALSE(holds(testing::PrintToString(SecretBuffer::copy_of(text))));
    EXPECT_FALSE(
        holds(testing::PrintToString(std::optional<SecretBuffer>(SecretBuffer::copy_of(text)))));
    EXPECT_FALSE(holds(testing::PrintToString(ServicePassword(SecretBuffer::copy_of(text)))));
    EXPECT_FALSE(holds(testing::PrintToString(TokenSecret(SecretBuffer::copy_of(text)))));
}

TEST(SecretBuffer, MoveAssignmentDropsWhatItHeld) {
    SecretBuffer first = SecretBuffer::copy_of(std::string_view("old"));
    first = SecretBuffer::copy_of(std::string_view("new"));
    EXPECT_EQ(shown(first), "new");
    SecretBuffer& same = first;
    first = std::move(same);
    EXPECT_EQ(shown(first), "new");
}

TEST(SecretBuffer, GrowConfirmsWhatWasReadIntoTheFreePart) {
    SecretBuffer buffer = buffer_with("ab", 4);
    ASSERT_EQ(buffer.free_space().size(), 2U);
    buffer.free_space()[0] = 'c';
    buffer.grow(1);
    EXPECT_EQ(shown(buffer), "abc");
    buffer.grow(100);
    EXPECT_EQ(buffer.size(), 4U);
}

TEST(SecretBuffer, DropLastWipesTheEnd) {
    SecretBuffer buffer(8);
    ASSERT_TRUE(buffer.append(std::string_view("secret")));
    buffer.drop_last(2);
    EXPECT_EQ(std::string(buffer.reveal().data(), buffer.size()), "secr");
    EXPECT_EQ(buffer.free_space()[0], 0);
    buffer.drop_last(100);
    EXPECT_TRUE(buffer.empty());
    buffer.drop_last(1);
}

TEST(SecretBuffer, ConsumeMovesTheRestDownAndWipesTheEnd) {
    SecretBuffer buffer = buffer_with("GETsecret", 9);
    buffer.consume(3);
    EXPECT_EQ(shown(buffer), "secret");
    const std::span<char> freed = buffer.free_space();
    EXPECT_EQ(std::string(freed.begin(), freed.end()), std::string(3, '\0'));
    buffer.consume(100);
    EXPECT_TRUE(buffer.empty());
    const std::span<char> all = buffer.free_space();
    EXPECT_EQ(std::string(all.begin(), all.end()), std::string(9, '\0'));
}

TEST(SecretBuffer, WipeLeavesZeroesAndTheCapacity) {
    SecretBuffer buffer = buffer_with("password", 8);
    buffer.wipe();
    EXPECT_TRUE(buffer.empty());
    const std::span<char> all = buffer.free_space();
    EXPECT_EQ(std::string(all.begin(), all.end()), std::string(8, '\0'));
}

// Row M4: locked, not dumped, wiped in forked children.
TEST(SecretBuffer, ItsPagesAreLockedLeftOutOfCoresAndOfForks) {
    const SecretBuffer buffer = SecretBuffer::copy_of(std::string_view("secret"));
    const std::string flags = vm_flags(buffer.reveal().data());
    EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
    EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
    EXPECT_NE(flags.find(" wf "), std::string::npos) << flags;
}

// Row M4: where no memory may be locked, the secret is still kept out of core dumps and forks.
TEST(SecretBuffer, WorksWhereNothingMayBeLocked) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const rlimit none{0, 0};
        bool fine = setrlimit(RLIMIT_MEMLOCK, &none) == 0;
        if (geteuid() == 0)
            fine = fine && setresuid(65533, 65533, 65533) == 0;  // root may lock without limit
        const SecretBuffer buffer = SecretBuffer::copy_of(std::string_view("secret"));
        fine = fine && shown(buffer) == "secret";
        _exit(fine ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

// Row M4.
TEST(SecretBuffer, AForkedChildSeesZeroes) {
    const SecretBuffer buffer = SecretBuffer::copy_of(std::string_view("secret"));
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const std::span<const char> bytes = buffer.reveal();
        _exit(std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; }) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(shown(buffer), "secret");
}

TEST(Wipe, ZeroesBytesAndEmptiesStrings) {
    char bytes[] = {'a', 'b', 'c'};
    wipe(std::span<char>(bytes));
    EXPECT_EQ(std::string(bytes, 3), std::string(3, '\0'));
    wipe(std::span<char>());
    std::string text = "short";
    const char* const inside = text.data();
    wipe(text);
    EXPECT_TRUE(text.empty());
    // A short string's bytes are inside the object, so they can still be inspected.
    EXPECT_EQ(std::count(inside, inside + 5, '\0'), 5);
}

// Row P12.
TEST(ConstantTimeEqual, ComparesEveryByteAndTheLength) {
    EXPECT_TRUE(constant_time_equal(std::string_view("abc"), std::string_view("abc")));
    EXPECT_TRUE(constant_time_equal(std::string_view(), std::string_view()));
    EXPECT_FALSE(constant_time_equal(std::string_view("abc"), std::string_view("ab")));
    EXPECT_FALSE(constant_time_equal(std::string_view(""), std::string_view("a")));
    std::string a(64, 'x');
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::string b = a;
        b[i] = static_cast<char>(b[i] ^ 0x01);
        EXPECT_FALSE(constant_time_equal(a, b)) << i;
        b = a;
        b[i] = static_cast<char>(b[i] ^ 0x80);
        EXPECT_FALSE(constant_time_equal(a, b)) << i;
    }
}

template <typename T>
concept Comparable = requires(const T& a, const T& b) {
    a == b;
};
template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};

// Row M6: what does not compile cannot leak.
static_assert(!std::is_copy_constructible_v<SecretBuffer>);
static_assert(!std::is_copy_assignable_v<SecretBuffer>);
static_assert(std::is_nothrow_move_constructible_v<SecretBuffer>);
static_assert(std::is_nothrow_move_assignable_v<SecretBuffer>);
static_assert(!Comparable<SecretBuffer>);
static_assert(!Printable<SecretBuffer>);
static_assert(!std::is_convertible_v<SecretBuffer, std::string>);
static_assert(!std::is_convertible_v<SecretBuffer, std::string_view>);
static_assert(!std::is_convertible_v<std::size_t, SecretBuffer>);

}  // namespace
}  // namespace patd
