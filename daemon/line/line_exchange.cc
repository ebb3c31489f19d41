// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_exchange.h"

namespace patd {
namespace {

Result<void> write_granted(line::LineWriter& writer, const GatewayRelease& release) {
    TRY(writer.add("granted", "1"));
    TRY(writer.add("id", release.token.view()));
    TRY(writer.add("user", release.owner));
    TRY(writer.add("scheme", forge_scheme_name(release.auth.scheme)));
    if (release.auth.scheme == ForgeScheme::Basic)
        TRY(writer.add("username", release.auth.username));
    const std::span<const char> secret = release.secret.reveal();
    TRY(writer.add("password", {secret.data(), secret.size()}));
    return writer.finish();
}

}  // namespace

Result<void> write_exchanged(SecretBuffer& reply, const Exchanged& exchanged) {
    line::LineWriter writer(reply);
    if (const auto* release = std::get_if<GatewayRelease>(&exchanged))
        return write_granted(writer, *release);
    TRY(writer.add("granted", "0"));
    TRY(writer.add("reason", exchange_failure_name(std::get<ExchangeFailure>(exchanged))));
    return writer.finish();
}

}  // namespace patd
