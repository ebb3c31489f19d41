// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_session.h"

#include "tests/support/hostile_keyring.h"

#include <gtest/gtest.h>

namespace patd::keyring::test {
namespace {

using support::Desktop;
using support::HostileKeyring;
using SteadyClock = GlibLoop::SteadyClock;

void with_session(const std::function<void(const SecretSession&)>& job) {
    const support::SessionBus daemon;
    const HostileKeyring keyring(daemon, HostileKeyring::Behaviour::NoDefault);
    GlibLoop loop;
    loop.run([&] {
        loop.set_deadline(SteadyClock::now() + std::chrono::seconds(10));
        SessionBus bus(loop);
        bus.connect().value();
        job(SecretSession::open(loop, bus.find_owner(Desktop::kService).value()).value());
        return true;
    });
}

std::string text_of(const SecretBuffer& buffer) {
    const std::span<const char> bytes = buffer.reveal();
    return {bytes.data(), bytes.size()};
}

TEST(SecretSession, WhatItEncryptsIsNotInTheMessageAndComesOutAgain) {
    with_session([](const SecretSession& session) {
        const std::string text = "the key of the store";
        const Variant secret =
            session.encode(SecretBuffer::copy_of({text.data(), text.size()})).value();
        EXPECT_STREQ(g_variant_get_type_string(secret.get()), "(oayays)");
        const std::string message(static_cast<const char*>(g_variant_get_data(secret.get())),
                                  g_variant_get_size(secret.get()));
        EXPECT_EQ(message.find("key of"), std::string::npos);
        EXPECT_NE(message.find(session.path()), std::string::npos);
        EXPECT_EQ(text_of(session.decode(secret.get()).value()), text);
    });
}

TEST(SecretSession, NothingIsEmptyAndWhatDoesNotDecodeAFailure) {
    with_session([](const SecretSession& session) {
        const auto decode = [&](const char* text) {
            const Variant secret(g_variant_ref_sink(g_variant_new_parsed(text)));
            return session.decode(secret.get());
        };
        EXPECT_TRUE(
            decode("(objectpath '/session', @ay [], @ay [], 'text/plain')").value().empty());
        for (const char* text : {"(objectpath '/session', [byte 1], [byte 2], 'text/plain')",
                                 "(objectpath '/another', @ay [], [byte 3], 'text/plain')"})
            EXPECT_EQ(decode(text).error().code, Errc::KeyringFailed) << text;
    });
}

}  // namespace
}  // namespace patd::keyring::test
