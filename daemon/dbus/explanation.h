// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/dbus/long_reply.h"
#include "daemon/release/release.h"

namespace patd {

// Manager.Explain: which token a URL would get, why the others would not, and, if none is released,
// which ones come near. Answers `call` in turns of its caller's uid. Thread rule: the loop's
// thread.
void explain_url(bus::Call call, const Context& context, Releaser& releaser);

}  // namespace patd
