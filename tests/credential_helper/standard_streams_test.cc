// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/standard_streams.h"

#include "common/base/unique_fd.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace patd::credential_helper {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{50};

struct Pipe {
    Pipe() {
        int ends[2];
        if (::pipe(ends) == 0) {
            reader.reset(ends[0]);
            writer.reset(ends[1]);
        }
    }
    void write(std::string_view text) const {
        EXPECT_EQ(::write(writer.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    UniqueFd reader;
    UniqueFd writer;
};

const std::string kRequest = "patd=1\nop=get\nprotocol=https\nhost=a\n\n";

std::string read_text(int fd, milliseconds deadline = limits::kClientDeadline) {
    const Result<SecretBuffer> request = read_request(Verb::Get, fd, {}, deadline);
    if (!request)
        return std::string(errc_name(request.error().code));
    return {request->reveal().data(), request->size()};
}

TEST(ReadRequest, EndsAtTheEndOfTheInput) {
    Pipe pipe;
    pipe.write("protocol=https\nhost=a\n");
    pipe.writer.reset();
    EXPECT_EQ(read_text(pipe.reader.get()), kRequest);
}

TEST(ReadRequest, EndsAtTheBlankLineThoughTheInputStaysOpen) {
    const Pipe pipe;
    pipe.write("protocol=https\nhost=a\n\n");
    EXPECT_EQ(read_text(pipe.reader.get()), kRequest);
}

TEST(ReadRequest, PutsTogetherWhatComesInPieces) {
    Pipe pipe;
    std::thread writer([&pipe] {
        for (const char byte : std::string("protocol=https\nhost=a\n"))
            pipe.write({&byte, 1});
        pipe.writer.reset();
    });
    EXPECT_EQ(read_text(pipe.reader.get()), kRequest);
    writer.join();
}

TEST(ReadRequest, DoesNotWaitForEver) {
    const Pipe silent;
    EXPECT_EQ(read_text(silent.reader.get(), kShort), "MalformedRequest");
    silent.write("protocol=https\nhost=a\n");
    EXPECT_EQ(read_text(silent.reader.get(), kShort), "MalformedRequest");
}

TEST(ReadRequest, ReadsNothingForCapability) {
    const Pipe pipe;
    const Result<SecretBuffer> request = read_request(Verb::Capability, pipe.reader.get());
    ASSERT_TRUE(request);
    EXPECT_EQ(std::string(request->reveal().data(), request->size()), "patd=1\nop=capability\n\n");
}

TEST(ReadRequest, RefusesABadByteAtOnce) {
    const Pipe pipe;
    pipe.write("protocol=https\r");
    EXPECT_EQ(read_text(pipe.reader.get()), "MalformedRequest");
}

TEST(ReadRequest, RefusesMoreThanAMessageMayHave) {
    Pipe pipe;
    std::thread writer([&pipe] {
        const std::string line = "key[]=" + std::string(60000, 'x') + "\n";
        for (int i = 0; i < 3; ++i)
            pipe.write(line);
        pipe.writer.reset();
    });
    EXPECT_EQ(read_text(pipe.reader.get()), "MalformedRequest");
    // So that the writer does not wait for room.
    std::string rest(1U << 18U, '\0');
    while (::read(pipe.reader.get(), rest.data(), rest.size()) > 0) {
    }
    writer.join();
}

TEST(ReadRequest, RefusesADescriptorThatCannotBeRead) {
    const Pipe pipe;
    EXPECT_EQ(read_text(pipe.writer.get(), kShort), "MalformedRequest");
    EXPECT_EQ(read_text(-1, kShort), "MalformedRequest");
}

TEST(ReadRequest, LetsPeopleTypeAsSlowlyAsTheyLike) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const UniqueFd keyboard(master);
    const UniqueFd terminal(slave);
    const std::string typed = "protocol=https\nhost=a\n\n";
    ASSERT_EQ(::write(keyboard.get(), typed.data(), typed.size()),
              static_cast<ssize_t>(typed.size()));
    EXPECT_EQ(read_text(terminal.get(), milliseconds(0)), kRequest);
}

TEST(WriteAll, WritesMoreThanAPipeHolds) {
    Pipe pipe;
    const std::string text(1U << 20U, 'x');
    std::size_t seen = 0;
    std::thread reader([&pipe, &seen] {
        std::string bytes(65536, '\0');
        for (ssize_t got = 1; got > 0; seen += static_cast<std::size_t>(got))
            got = ::read(pipe.reader.get(), bytes.data(), bytes.size());
    });
    EXPECT_TRUE(write_all(pipe.writer.get(), text));
    pipe.writer.reset();
    reader.join();
    EXPECT_EQ(seen, text.size());
}

TEST(WriteAll, SaysWhenItCannot) {
    EXPECT_FALSE(write_all(-1, std::string("x")));
    EXPECT_TRUE(write_all(-1, std::string()));
}

TEST(Complain, WritesOneLineWithTheNameOfTheProgram) {
    const Pipe pipe;
    const UniqueFd saved(::dup(STDERR_FILENO));
    ASSERT_GE(::dup2(pipe.writer.get(), STDERR_FILENO), 0);
    complain("something is wrong");
    ASSERT_GE(::dup2(saved.get(), STDERR_FILENO), 0);
    std::string bytes(256, '\0');
    bytes.resize(static_cast<std::size_t>(::read(pipe.reader.get(), bytes.data(), bytes.size())));
    EXPECT_EQ(bytes, "git-credential-pat: something is wrong\n");
}

TEST(EnsureStandardStreams, LeavesOpenStreamsAlone) {
    EXPECT_TRUE(ensure_standard_streams());
}

}  // namespace
}  // namespace patd::credential_helper
