// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/gateway_place.h"

#include <algorithm>
#include <utility>

namespace patd {

Result<ReleaseRequest> aim_at_forge(ReleaseRequest request) {
    const std::size_t end = std::min(request.path.find('/'), request.path.size());
    Result<Origin> forge = Origin::parse("https", request.path.substr(0, end));
    if (request.has_odd_path || !forge)
        return Error{Errc::ThroughGateway,
                     "The gateway's URLs are " + request.origin.text() +
                         "/HOST/PATH; run 'patctl setup gateway', so that git says the path."};
    request.gateway = std::exchange(request.origin, std::move(*forge));
    request.path.erase(0, std::min(end + 1, request.path.size()));
    return request;
}

}  // namespace patd
