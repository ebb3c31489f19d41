// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/throttle.h"

#include "auth/siphash.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace patd::auth {
namespace {

// Beyond every uid, so that no name is ever counted as somebody's uid.
constexpr std::uint64_t kNoUid = std::uint64_t{1} << 62;

std::int64_t number_of(const SipKey& key, std::string_view text) {
    return static_cast<std::int64_t>(siphash(key, text) & (kNoUid - 1));
}

// Hosts and names are not kept in clear: a name may be a password typed at the wrong prompt. They
// are hashed with a key that nobody outside this machine knows, so that no host can be chosen to
// hit another's bucket. After a reboot every host starts over.
Attempts::Bucket bucket_of_host(const Session& session, const std::string& boot_id) {
    const BeginRequest& request = session.request;
    const SipKey key{siphash({1, 0}, boot_id), siphash({2, 0}, boot_id)};
    const std::int64_t target =
        request.uid ? std::int64_t{request.uid->value()}
                    : static_cast<std::int64_t>(kNoUid) | number_of(key, request.user);
    return {number_of(key, host_of(request.rhost)), target};
}

}  // namespace

std::string host_of(const std::string& rhost) {
    in6_addr address{};
    if (inet_pton(AF_INET6, rhost.c_str(), &address) != 1)
        return rhost;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (IN6_IS_ADDR_V4MAPPED(&address))
        return inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
    std::fill(address.s6_addr + 8, address.s6_addr + 16, std::uint8_t{0});
    return inet_ntop(AF_INET6, &address, text.data(), text.size());
}

Result<Throttle> Throttle::open(const Session& session, const Clock& clock) {
    const BeginRequest& request = session.request;
    const bool for_a_host = request.op == Op::Check && !request.rhost.empty();
    if (request.caller.is_root() && !for_a_host)
        return Throttle(session, std::nullopt, {});
    const std::string boot_id = TRY(read_boot_id());
    const Attempts::Bucket bucket =
        for_a_host ? bucket_of_host(session, boot_id)
                   : Attempts::Bucket{request.caller.value(), session.account.uid.value()};
    const Attempts::File& file = for_a_host ? Attempts::kHosts : Attempts::kUsers;
    return Throttle(session,
                    TRY(Attempts::open(session.options.state_directory, file, clock, boot_id)),
                    bucket);
}

Result<void> Throttle::forgive(const Session& session, const Clock& clock) {
    const std::int64_t uid = session.account.uid.value();
    return TRY(Attempts::open(session.options.state_directory, Attempts::kUsers, clock,
                              TRY(read_boot_id())))
        .forget({uid, uid});
}

Result<void> Throttle::charge() {
    if (!attempts_)
        return {};
    Result<void> charged = attempts_->charge(bucket_);
    if (!charged && charged.error().code == Errc::Throttled)
        session_.wait = attempts_->wait();
    return charged;
}

Result<void> Throttle::settle_right() {
    return attempts_ ? attempts_->settle_right(bucket_) : Result<void>();
}

Result<void> Throttle::settle_unused() {
    return attempts_ ? attempts_->settle_unused(bucket_) : Result<void>();
}

}  // namespace patd::auth
