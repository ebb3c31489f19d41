// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/glib_loop.h"

#include <algorithm>
#include <memory>

namespace patd::keyring {
namespace {

using std::chrono::milliseconds;

// How long an abandoned call may take to notice.
constexpr milliseconds kGivingUp{500};

// One asynchronous GLib call, shared with GLib until GLib says that it is over: an abandoned call
// may still end later, or never.
struct Pending {
    Object<GAsyncResult> result;
};

void on_ready(GObject*, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<std::shared_ptr<Pending>> pending(
        static_cast<std::shared_ptr<Pending>*>(data));
    (*pending)->result.reset(G_ASYNC_RESULT(g_object_ref(result)));
}

gboolean set_flag(gpointer flag) {
    *static_cast<bool*>(flag) = true;
    return G_SOURCE_REMOVE;
}

}  // namespace

GlibLoop::GlibLoop()
    : context_(g_main_context_new()),
      loop_(g_main_loop_new(context_, FALSE)),
      thread_([this] { turn(); }) {}

GlibLoop::~GlibLoop() {
    run([this] {
        g_main_loop_quit(loop_);
        return true;
    });
    thread_.join();
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
}

void GlibLoop::turn() {
    g_main_context_push_thread_default(context_);
    g_main_loop_run(loop_);
    // GLib frees some things only from its loop.
    while (g_main_context_iteration(context_, FALSE) != 0) {
    }
    g_main_context_pop_thread_default(context_);
}

void GlibLoop::give_up() {
    giving_up_ = true;
    g_main_context_wakeup(context_);
}

bool GlibLoop::turn_until(const std::function<bool()>& done, SteadyClock::time_point end) {
    const auto left =
        std::chrono::ceil<milliseconds>(std::max(end - SteadyClock::now(), end - end)).count();
    bool over = false;
    const Source timer(g_timeout_source_new(static_cast<guint>(left)));
    g_source_set_callback(timer.get(), set_flag, &over, nullptr);
    g_source_attach(timer.get(), context_);
    while (!done() && !over && !giving_up_)
        g_main_context_iteration(context_, TRUE);
    return done();
}

Result<Object<GAsyncResult>> GlibLoop::await(const Start& start) {
    const auto pending = std::make_shared<Pending>();
    const auto is_over = [&] { return static_cast<bool>(pending->result); };
    const Object<GCancellable> cancellable(g_cancellable_new());
    start(cancellable.get(), on_ready, new std::shared_ptr<Pending>(pending));
    if (!turn_until(is_over, deadline_)) {
        g_cancellable_cancel(cancellable.get());
        (void)turn_until(is_over, SteadyClock::now() + kGivingUp);
        if (!pending->result)
            return Error{Errc::KeyringFailed, "the keyring does not answer"};
    }
    return std::move(pending->result);
}

}  // namespace patd::keyring
