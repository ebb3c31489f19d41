// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "common/bus/event_loop.h"
#include "common/bus/executor.h"
#include "daemon/store/tokens/token_store.h"

#include <functional>
#include <string>

namespace patd {

// Opens and closes the store while the service runs: in per-user mode its key is in a keyring,
// which may be locked, gone or prompting at any moment (docs/adr/0016). The system service has no
// gate: its store is open before it serves. Thread rule: the loop's thread.
class StoreGate {
  public:
    virtual ~StoreGate() = default;

    struct Parts {
        bus::EventLoop& loop;
        bus::Executor& writer;
        store::TokenStore& store;  // not open yet
        Random& random;
        std::string directory;
        // Called on the writer with each opened store, before anybody can use it. An error keeps it
        // closed, and says why.
        std::function<Result<void>(store::TokenStore& opened)> prepare = {};
        std::function<void()> opened = {};  // called each time the store was opened
    };
    // Begins to open the store. All of `parts` must outlive this object, or its `detach`.
    virtual void attach(const Parts& parts) = 0;
    // Nothing new begins; what was begun ends soon.
    virtual void detach() = 0;

    // Calls `go` once: at once if the store is open; otherwise after an attempt to open it, at most
    // kKeyringWait later, whatever the result. Then the store itself says why it is not open.
    virtual void when_open(std::function<void()> go) = 0;
};

}  // namespace patd
