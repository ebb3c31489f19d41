// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/glib_loop.h"

#include <gtest/gtest.h>

#include <chrono>

namespace patd::keyring::test {
namespace {

using SteadyClock = GlibLoop::SteadyClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(GlibLoop, RunsEveryJobInOneThreadOfItsOwn) {
    GlibLoop loop;
    const auto id = [] { return std::this_thread::get_id(); };
    EXPECT_NE(loop.run(id), id());
    EXPECT_EQ(loop.run(id), loop.run(id));
}

TEST(GlibLoop, AwaitsACallToItsEnd) {
    GlibLoop loop;
    const bool over = loop.run([&] {
        loop.set_deadline(SteadyClock::now() + seconds(10));
        return loop
            .await([](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
                const Object<GTask> task(g_task_new(nullptr, cancellable, ready, data));
                g_task_return_boolean(task.get(), TRUE);
            })
            .has_value();
    });
    EXPECT_TRUE(over);
}

// GLib may report the end of an abandoned call when nobody waits any more.
TEST(GlibLoop, GivesUpACallThatHasNoEndByTheDeadline) {
    GlibLoop loop;
    Object<GTask> forgotten;
    const Errc code = loop.run([&] {
        loop.set_deadline(SteadyClock::now());
        const auto start = [&](GCancellable*, GAsyncReadyCallback ready, gpointer data) {
            forgotten.reset(g_task_new(nullptr, nullptr, ready, data));
        };
        return loop.await(start).error().code;
    });
    EXPECT_EQ(code, Errc::KeyringFailed);
    loop.run([&] {
        g_task_return_boolean(forgotten.get(), TRUE);
        forgotten.reset();
        return true;
    });
}

TEST(GlibLoop, TurnsUntilWhatIsWaitedForOrTheEndOfItsTime) {
    GlibLoop loop;
    loop.run([&] {
        bool called = false;
        const Source source(g_idle_source_new());
        g_source_set_callback(
            source.get(),
            [](gpointer flag) -> gboolean {
                *static_cast<bool*>(flag) = true;
                return G_SOURCE_REMOVE;
            },
            &called, nullptr);
        g_source_attach(source.get(), g_main_context_get_thread_default());
        EXPECT_TRUE(loop.turn_until([&] { return called; }, SteadyClock::now() + seconds(10)));
        EXPECT_FALSE(loop.turn_until([] { return false; }, SteadyClock::now() + milliseconds(1)));
        return true;
    });
}

TEST(GlibLoop, AfterGiveUpNothingIsWaitedFor) {
    GlibLoop loop;
    loop.give_up();
    loop.run([&] {
        EXPECT_FALSE(loop.turn_until([] { return false; }, SteadyClock::now() + seconds(600)));
        return true;
    });
    EXPECT_TRUE(loop.is_given_up());
}

}  // namespace
}  // namespace patd::keyring::test
