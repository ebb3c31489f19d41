// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log.h"

#include "common/base/secrets.h"
#include "common/base/unique_fd.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace patd {
namespace {

constexpr LogMessage kMessage{"0123456789abcdef0123456789abcdef", LogLevel::Warning, "a-test",
                              "the store is gone"};

template <typename... Arguments>
std::string logged(const Arguments&... arguments) {
    testing::internal::CaptureStderr();
    log(arguments...);
    return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneLineWithItsPriorityAndItsFields) {
    unsetenv("JOURNAL_STREAM");
    EXPECT_EQ(logged(kMessage), "<4>the store is gone\n");
    testing::internal::CaptureStderr();
    log(kMessage, {{"TOKEN", "AbCdE01234"}, {"UID", "1000"}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "<4>the store is gone [token=AbCdE01234, uid=1000]\n");
}

TEST(Log, NamesTheReasonAndTheContextOfAnError) {
    EXPECT_EQ(logged(kMessage, Error{Errc::Corrupt, "store.db"}),
              "<4>the store is gone: Corrupt (store.db)\n");
    EXPECT_EQ(logged(kMessage, Error{Errc::Busy, {}}), "<4>the store is gone: Busy\n");
    testing::internal::CaptureStderr();
    log(kMessage, Error{Errc::Corrupt, "store.db"}, {{"UID", "1"}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "<4>the store is gone: Corrupt (store.db) [uid=1]\n");
}

// Row L2: text influenced by a peer cannot begin a second record or field, nor hide the first.
TEST(Log, ReplacesEveryControlByteSoThatOneCallIsOneLineAndAFieldIsOneField) {
    std::string text;
    for (char c = 1; c < 0x20; ++c)
        text.push_back(c);
    text.push_back(0x7f);
    text.push_back('\0');
    const LogField field{"WHERE", "a" + text + "b"};
    const std::string clean = "a" + std::string(text.size(), '?') + "b";
    EXPECT_EQ(log_parts::format_line(kMessage, {&field, 1}),
              "<4>the store is gone [where=" + clean + "]\n");
    const std::string entry = log_parts::format_entry(kMessage, {&field, 1});
    EXPECT_TRUE(entry.ends_with("\nPATD_WHERE=" + clean + "\n"));
    EXPECT_EQ(logged(kMessage, Error{Errc::Internal, "a\n<0>forged"}),
              "<4>the store is gone: Internal (a?<0>forged)\n");
}

TEST(Log, CutsALongValue) {
    const LogField field{"WHERE", std::string(1'000'000, 'x')};
    EXPECT_LT(log_parts::format_entry(kMessage, {&field, 1}).size(), 3000U);
}

// Row L1: the last line of defence, for a secret that a bug put into a text.
TEST(Log, TakesOutWhatLooksLikeASecret) {
    const auto shown = [](const std::string& text) {
        const LogField field{"WHERE", text};
        return log_parts::format_line(kMessage, {&field, 1});
    };
    for (const char* prefix : {"pat1_", "patc1_"}) {
        const std::string secret = std::string(prefix) + "AbCdE01234_Zyx987_more-of-it";
        const std::string expected = "<4>the store is gone [where=a " + std::string(prefix) +
                                     "[removed], b " + prefix + "[removed]]\n";
        EXPECT_EQ(shown("a " + secret + ", b " + secret), expected);
    }
    EXPECT_EQ(shown("pat1_ is a prefix"), "<4>the store is gone [where=pat1_ is a prefix]\n");
}

TEST(Log, AnEntryOfTheJournalHasItsFields) {
    const std::array<LogField, 2> fields{LogField{"REASON", "Busy"}, LogField{"UID", "1000"}};
    EXPECT_EQ(log_parts::format_entry(kMessage, fields),
              "MESSAGE=the store is gone: Busy [uid=1000]\n"
              "MESSAGE_ID=0123456789abcdef0123456789abcdef\n"
              "PRIORITY=4\n"
              "SYSLOG_IDENTIFIER=" +
                  std::string(program_invocation_short_name) +
                  "\nPATD_EVENT=a-test\n"
                  "PATD_REASON=Busy\n"
                  "PATD_UID=1000\n");
}

TEST(Log, AnEntryGoesToWhoListensAndNowhereElse) {
    const support::TemporaryDirectory directory;
    const std::string path = directory.file("journal");
    EXPECT_FALSE(log_parts::send_entry(path.c_str(), "MESSAGE=x\n"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd journal(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    ASSERT_TRUE(log_parts::send_entry(path.c_str(), "MESSAGE=x\n"));
    std::array<char, 64> bytes{};
    const ssize_t got = ::recv(journal.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    EXPECT_EQ(std::string(bytes.data(), static_cast<std::size_t>(got)), "MESSAGE=x\n");
    // A journal that does not read costs no waiting.
    while (log_parts::send_entry(path.c_str(), "MESSAGE=x\n")) {
    }
}

TEST(Log, KnowsWhetherStandardErrorIsTheJournals) {
    struct stat status {};
    ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
    const std::string own = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    EXPECT_TRUE(log_parts::is_journal_stream(own.c_str(), STDERR_FILENO));
    EXPECT_FALSE(log_parts::is_journal_stream(nullptr, STDERR_FILENO));
    EXPECT_FALSE(log_parts::is_journal_stream((own + "0").c_str(), STDERR_FILENO));
    EXPECT_FALSE(log_parts::is_journal_stream("", STDERR_FILENO));
    EXPECT_FALSE(log_parts::is_journal_stream(own.c_str(), -1));
}

template <typename T>
concept Loggable = requires(const T& value) {
    LogField{"WHERE", value};
};

// Row L1: a secret does not compile into a log record.
static_assert(Loggable<std::string>);
static_assert(!Loggable<SecretBuffer>);
static_assert(!Loggable<TokenSecret>);
static_assert(!Loggable<ServicePassword>);

}  // namespace
}  // namespace patd
