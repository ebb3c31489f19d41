// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/recovery_key.h"

#include "common/base/random.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

MasterKey key_of(std::string_view bytes) {
    return MasterKey(SecretBuffer::copy_of({bytes.data(), bytes.size()}));
}

std::string text_of(const MasterKey& key) {
    const SecretBuffer text = format_recovery_key(key).value();
    return {text.reveal().data(), text.size()};
}

std::string bytes_of(const MasterKey& key) {
    return {key.reveal().data(), key.size()};
}

// Without the comment.
std::string lines_of(const std::string& text) {
    return text.substr(text.find("\n1-") + 1);
}

std::string error_of(const std::string& text) {
    const Result<MasterKey> key = parse_recovery_key(text);
    return key ? "none" : std::string(errc_name(key.error().code)) + " " + key.error().context;
}

std::string wrong_line(std::size_t line) {
    return "InvalidKey line " + std::to_string(line) +
           " of the recovery key is incomplete or mistyped; compare it letter by letter";
}

const std::string kRawKey = "0123456789abcdefghijklmnopqrstuv";

TEST(RecoveryKey, HasTheLettersOfTheFormat) {
    const std::string zeros = text_of(key_of(std::string(32, '\0')));
    EXPECT_EQ(lines_of(zeros),
              "1-0000-0000-0000-1WTH\n2-0000-0000-0000-1QGN\n"
              "3-0000-0000-0000-0D9P\n4-0000-0000-0000-114X\n");
    EXPECT_TRUE(zeros.starts_with("# Recovery key of patd."));
    EXPECT_NE(zeros.find("\n# To use it: sudo patctl admin recover-key FILE --install;"),
              std::string::npos);
}

TEST(RecoveryKey, ComesBackFromItsText) {
    SystemRandom random;
    for (int round = 0; round < 50; ++round) {
        std::string bytes(32, '\0');
        ASSERT_TRUE(random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
        EXPECT_EQ(bytes_of(parse_recovery_key(text_of(key_of(bytes))).value()), bytes);
    }
}

TEST(RecoveryKey, ForgivesCaseFillersAndLookAlikes) {
    std::string text = lines_of(text_of(key_of(kRawKey)));
    for (char& c : text) {
        if (c == '0')
            c = 'o';
        else if (c == '-')
            c = ' ';
        else if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    EXPECT_EQ(bytes_of(parse_recovery_key("\r\n \n" + text + "# end\n\n").value()), kRawKey);
    std::string joined;
    for (const char c : text)
        joined += c == ' ' ? std::string() : c == '1' ? "l" : std::string(1, c);
    EXPECT_EQ(bytes_of(parse_recovery_key(joined).value()), kRawKey);
}

TEST(RecoveryKey, FindsEveryWrongLetterAndNamesItsLine) {
    const std::string good = lines_of(text_of(key_of(kRawKey)));
    std::size_t line = 1;
    for (std::size_t at = 0; at < good.size(); ++at) {
        line += good[at] == '\n' ? 1 : 0;
        for (const char letter : std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
            std::string bad = good;
            bad[at] = letter;
            if (letter == good[at] || good[at] == '-' || good[at] == '\n')
                continue;
            EXPECT_EQ(error_of(bad), wrong_line(line));
        }
    }
}

TEST(RecoveryKey, FindsExchangedLettersAndLines) {
    const std::string good = lines_of(text_of(key_of(kRawKey)));
    for (std::size_t at = 0; at + 1 < good.size(); ++at) {
        std::string bad = good;
        std::swap(bad[at], bad[at + 1]);
        if (bad[at] == bad[at + 1] || bad.find_first_of("-\n", at) <= at + 1)
            continue;
        EXPECT_NE(error_of(bad), "none") << at;
    }
    const std::size_t width = good.find('\n') + 1;
    EXPECT_EQ(error_of(good.substr(width, width) + good.substr(0, width) + good.substr(2 * width)),
              wrong_line(1));
}

TEST(RecoveryKey, NeedsExactlyItsFourLines) {
    const std::string good = lines_of(text_of(key_of(kRawKey)));
    for (std::size_t size = 0; size + 1 < good.size(); ++size)
        EXPECT_NE(error_of(good.substr(0, size)), "none") << size;
    EXPECT_EQ(error_of(good + "5-0000\n"), wrong_line(5));
    EXPECT_EQ(error_of(""), wrong_line(1));
    EXPECT_EQ(error_of(std::string(4096, '\0')), wrong_line(1));
    EXPECT_EQ(error_of(std::string(4096, '1')), wrong_line(1));
}

TEST(RecoveryKey, IsOfNothingButAMasterKey) {
    EXPECT_EQ(format_recovery_key(key_of("short")).error().code, Errc::Internal);
}

}  // namespace
}  // namespace patd
