// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/release/selection.h"

namespace patd {

// Whether the request is for the gateway (GatewayOrigin=), where there is one.
inline bool is_at_gateway(const ReleaseRequest& request, const std::optional<Origin>& gateway) {
    return gateway && request.origin == *gateway;
}

// A request for the gateway, as one for the forge behind it: `/HOST[:PORT]/PATH` there is PATH at
// `https://HOST[:PORT]`. ThroughGateway, with a sentence for the caller: its path names no host.
// Pure.
Result<ReleaseRequest> aim_at_forge(ReleaseRequest request);

}  // namespace patd
