// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/sink.h"

#include "tests/support/client_sink.h"
#include "tests/support/hostile_descriptors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

namespace patd {
namespace {

using support::AsUid;
using support::ClientSink;

Caller self() {
    return {Uid(geteuid()), ":1.1"};
}

class SinkReaderTest : public ::testing::Test {
  protected:
    // Makes a reader that keeps what arrives.
    void make(std::size_t bytes_max) {
        reader_ = SinkReader::create(*loop_, bytes_max, [this](Result<SecretBuffer> got) {
                      ++calls_;
                      if (got)
                          text_ = std::string(got->reveal().data(), got->size());
                      else
                          error_ = got.error().code;
                      reader_.reset();
                  }).value();
        sink_ = reader_->take_sink();
    }
    bool wait() {
        return support::turn_until(*loop_, [this] { return calls_ > 0; });
    }
    void write(const std::string& text) {
        ASSERT_EQ(send(sink_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    std::unique_ptr<bus::EventLoop> loop_ = bus::EventLoop::create().value();
    std::unique_ptr<SinkReader> reader_;
    UniqueFd sink_;
    int calls_ = 0;
    std::optional<std::string> text_;
    std::optional<Errc> error_;
};

TEST_F(SinkReaderTest, GivesWhatWasWrittenWhenTheSinkIsClosed) {
    make(512);
    write("hun");
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls_, 0);
    write("ter2");
    sink_.reset();
    ASSERT_TRUE(wait());
    EXPECT_EQ(text_, "hunter2");
    EXPECT_EQ(calls_, 1);
}

TEST_F(SinkReaderTest, AnEmptyAnswerIsAnAnswer) {
    make(512);
    sink_.reset();
    ASSERT_TRUE(wait());
    EXPECT_EQ(text_, "");
}

TEST_F(SinkReaderTest, TakesAsMuchAsTheLimitAndNotAByteMore) {
    make(512);
    write(std::string(512, 'p'));
    sink_.reset();
    ASSERT_TRUE(wait());
    EXPECT_EQ(text_, std::string(512, 'p'));

    calls_ = 0;
    text_.reset();
    make(512);
    write(std::string(513, 'p'));
    ASSERT_TRUE(wait());
    EXPECT_EQ(error_, Errc::LimitExceeded);
    EXPECT_FALSE(text_);
}

// Row M2: whoever duplicates the sink, such as a bus monitor, reads nothing.
TEST_F(SinkReaderTest, ItsSinkCannotBeRead) {
    make(512);
    const UniqueFd stolen(::dup(sink_.get()));
    write("hunter2");
    char byte = 0;
    EXPECT_EQ(::recv(stolen.get(), &byte, 1, MSG_DONTWAIT), 0);
    EXPECT_EQ(::recv(stolen.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK), 0);
}

TEST_F(SinkReaderTest, AnswersOnlyWhenTheLastCopyIsClosed) {
    make(512);
    const std::string secret = "hunter2";
    UniqueFd copy(::dup(sink_.get()));
    write(secret);
    sink_.reset();
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls_, 0);
    copy.reset();
    ASSERT_TRUE(wait());
    EXPECT_EQ(text_, secret);
}

TEST_F(SinkReaderTest, AnswersAtOnceWhenTheStreamIsEnded) {
    make(512);
    const UniqueFd stolen(::dup(sink_.get()));
    support::answer(std::move(sink_), "hunter2");
    ASSERT_TRUE(wait());
    EXPECT_EQ(text_, "hunter2");
}

TEST_F(SinkReaderTest, ADestroyedReaderIsSilentAndItsSinkDead) {
    make(512);
    reader_.reset();
    EXPECT_LT(::send(sink_.get(), "x", 1, MSG_NOSIGNAL), 0);
    support::turn_while_ready(*loop_);
    EXPECT_EQ(calls_, 0);
}

// Row D10.
TEST(CheckSink, RefusesEverythingThatIsNoSocketpairOfTheCaller) {
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all()) {
        const Result<void> checked = check_sink(descriptor.fd.get(), self());
        ASSERT_FALSE(checked) << descriptor.name;
        EXPECT_EQ(checked.error().code, Errc::BadSink) << descriptor.name;
    }
    EXPECT_EQ(check_sink(-1, self()).error().code, Errc::BadSink);
}

TEST(CheckSink, TakesASocketpairOfTheCaller) {
    const ClientSink sink;
    EXPECT_TRUE(check_sink(sink.passed(), self()));
}

// A sink that another user made: that user would read the caller's secret.
TEST(CheckSink, RefusesASocketpairOfAnotherUser) {
    const ClientSink of_daemon{Uid(1)};
    EXPECT_TRUE(check_sink(of_daemon.passed(), {Uid(1), ":1.1"}));
    EXPECT_EQ(check_sink(of_daemon.passed(), {Uid(2), ":1.1"}).error().code, Errc::BadSink);
    EXPECT_EQ(check_sink(of_daemon.passed(), {Uid(0), ":1.1"}).error().code, Errc::BadSink);
    const ClientSink of_root;
    EXPECT_EQ(check_sink(of_root.passed(), {Uid(1), ":1.1"}).error().code, Errc::BadSink);
}

TEST(SendToSink, WritesTheWholeSecret) {
    const auto loop = bus::EventLoop::create().value();
    ClientSink sink;
    const std::string secret = "pat1_secret";
    ASSERT_TRUE(send_to_sink(sink.passed(), secret));
    EXPECT_EQ(sink.receive(*loop), secret);
}

// The holder of a duplicate, such as a bus monitor, cannot keep the receiver waiting.
TEST(SendToSink, EndsTheStream) {
    const auto loop = bus::EventLoop::create().value();
    ClientSink sink;
    const UniqueFd stolen = sink.duplicate();
    ASSERT_TRUE(send_to_sink(sink.passed(), std::string("pat1_secret")));
    EXPECT_EQ(sink.receive(*loop), "pat1_secret");
}

TEST(SendToSink, FailsAtOnceWhenItCannotWrite) {
    const std::string secret = "pat1_secret";
    ClientSink full;
    full.fill();
    EXPECT_EQ(send_to_sink(full.passed(), secret).error().code, Errc::BadSink);
    ClientSink left;
    left.leave();
    EXPECT_EQ(send_to_sink(left.passed(), secret).error().code, Errc::BadSink);
    const support::HostileDescriptors hostile;
    for (const support::NamedDescriptor& descriptor : hostile.all()) {
        const bool is_pair = descriptor.name.find("pair") != std::string::npos;
        EXPECT_EQ(send_to_sink(descriptor.fd.get(), secret).has_value(), is_pair)
            << descriptor.name;
    }
}

}  // namespace
}  // namespace patd
