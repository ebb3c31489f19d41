// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/context.h"
#include "daemon/line/line_verbs.h"

#include <utility>

namespace patd::support {

// The parts that answer the line socket, put together as Daemon does.
struct LineServices {
    LineServices(const Context& context, bus::EventLoop& loop, StepUpSockets step_up)
        : services(loop, std::move(step_up), context.clock),
          check(loop, services, context.clock),
          releaser(context),
          feedback(context),
          verifier(context),
          gateway(context),
          verbs({releaser, feedback, verifier, check, context.accounts, context.units,
                 context.state, gateway}) {}

    StepUpServices services;
    PasswordCheck check;
    Releaser releaser;
    Feedback feedback;
    Verifier verifier;
    GatewayExchange gateway;
    LineVerbs verbs;
};

}  // namespace patd::support
