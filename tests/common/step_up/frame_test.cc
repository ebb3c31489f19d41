// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/frame.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::step_up {
namespace {

constexpr FrameKind kAllKinds[] = {
    FrameKind::Begin, FrameKind::Answer,  FrameKind::PromptSecret, FrameKind::PromptVisible,
    FrameKind::Info,  FrameKind::Granted, FrameKind::ErrorText,    FrameKind::Refused,
};

struct Outcome {
    Result<std::optional<Frame>> frame;
    std::size_t consumed = 0;
};

Outcome parse(std::string_view bytes) {
    std::size_t consumed = 0;
    Result<std::optional<Frame>> frame = parse_frame(bytes, consumed);
    return {std::move(frame), consumed};
}

std::string frame_of(FrameKind kind, std::string_view payload) {
    SecretBuffer out(kFrameBytes);
    EXPECT_TRUE(append_frame(out, kind, payload));
    return {out.reveal().begin(), out.reveal().end()};
}

bool is_refused(const Outcome& outcome) {
    return !outcome.frame && outcome.frame.error().code == Errc::MalformedRequest;
}

TEST(Frame, EveryKindComesBackWithItsPayload) {
    for (const FrameKind kind : kAllKinds) {
        for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 512U, 1024U}) {
            const std::string payload(size, 'p');
            const std::string bytes = frame_of(kind, payload);
            const Outcome outcome = parse(bytes);
            ASSERT_TRUE(outcome.frame && *outcome.frame) << size;
            EXPECT_EQ((*outcome.frame)->kind, kind);
            EXPECT_EQ((*outcome.frame)->payload, payload);
            EXPECT_EQ(outcome.consumed, bytes.size());
        }
    }
}

TEST(Frame, HasTheDocumentedLayout) {
    EXPECT_EQ(frame_of(FrameKind::Answer, "ab"), std::string("A\0\2ab", 5));
    EXPECT_EQ(frame_of(FrameKind::Granted, ""), std::string("G\0\0", 3));
    EXPECT_EQ(frame_of(FrameKind::Info, std::string(1024, 'x')).substr(0, 3),
              std::string("I\4\0", 3));
}

// Row P20.
TEST(Frame, EveryPrefixAsksForMore) {
    const std::string bytes = frame_of(FrameKind::Begin, "op=authenticate\nuid=1000\n");
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Outcome outcome = parse(std::string_view(bytes).substr(0, length));
        ASSERT_TRUE(outcome.frame.has_value()) << length;
        EXPECT_FALSE(outcome.frame->has_value()) << length;
        EXPECT_EQ(outcome.consumed, 0U);
    }
}

TEST(Frame, LeavesTheNextFrameAlone) {
    const std::string first = frame_of(FrameKind::Info, "hello");
    const std::string both = first + frame_of(FrameKind::Granted, "");
    const Outcome outcome = parse(both);
    ASSERT_TRUE(outcome.frame && *outcome.frame);
    EXPECT_EQ(outcome.consumed, first.size());
    const Outcome second = parse(std::string_view(both).substr(outcome.consumed));
    ASSERT_TRUE(second.frame && *second.frame);
    EXPECT_EQ((*second.frame)->kind, FrameKind::Granted);
}

TEST(Frame, AcceptsNoKindButTheEight) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string bytes{static_cast<char>(byte), '\0', '\0'};
        const bool known =
            byte != 0 &&
            std::string_view("BASVIEGR").find(static_cast<char>(byte)) != std::string_view::npos;
        EXPECT_EQ(is_refused(parse(bytes)), !known) << byte;
        // Refused at the first byte: nobody waits for the rest of what cannot become a frame.
        EXPECT_EQ(is_refused(parse(std::string_view(bytes).substr(0, 1))), !known) << byte;
    }
}

// Row P20.
TEST(Frame, RefusesEveryLengthOverTheLimitBeforeItsPayload) {
    for (unsigned length = 0; length <= 0xffff; ++length) {
        const std::string header{'A', static_cast<char>(length / 256),
                                 static_cast<char>(length % 256)};
        ASSERT_EQ(is_refused(parse(header)), length > kFramePayloadBytes) << length;
    }
}

// Rows P20, P23: a flipped bit gives another frame, a wait or a refusal, never a read past the
// buffer (AddressSanitizer watches) and never turns a refusal into a grant.
TEST(Frame, AFlippedBitNeverTurnsARefusalIntoAGrant) {
    const std::string good = frame_of(FrameKind::Refused, "WrongPassword");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bytes = good;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        const Outcome outcome = parse(bytes);
        if (!outcome.frame || !*outcome.frame)
            continue;
        EXPECT_NE((*outcome.frame)->kind, FrameKind::Granted) << bit;
        EXPECT_LE(outcome.consumed, bytes.size()) << bit;
    }
}

TEST(Frame, APayloadOverTheLimitIsNotWritten) {
    SecretBuffer out(4096);
    EXPECT_EQ(append_frame(out, FrameKind::Answer, std::string(1025, 'x')).error().code,
              Errc::LimitExceeded);
    EXPECT_TRUE(out.empty());
}

TEST(Frame, AFullBufferTakesNoPartOfAFrame) {
    SecretBuffer out(6);
    EXPECT_EQ(append_frame(out, FrameKind::Answer, "abcd").error().code, Errc::LimitExceeded);
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(append_frame(out, FrameKind::Answer, "abc"));
    EXPECT_EQ(append_frame(out, FrameKind::Answer, "").error().code, Errc::LimitExceeded);
    EXPECT_EQ(out.size(), 6U);
}

}  // namespace
}  // namespace patd::step_up
